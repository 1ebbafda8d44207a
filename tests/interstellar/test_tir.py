"""The TensorIR front end counts what an interpreter counts, and what the loop-nest model counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from heron_ms._tvm import Schedule, te
from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator, Array
from heron_ms.hardware.memory import Memory
from heron_ms.hardware.presets import preset
from heron_ms.interstellar.nest.evaluate import evaluate, evaluate_copies
from heron_ms.interstellar.nest.layer import Layer
from heron_ms.interstellar.nest.mapping import Factor, Mapping
from heron_ms.interstellar.tir import evaluate_tir, read_accesses
from heron_ms.interstellar.tir.capacity import check_capacity, held_bytes
from heron_ms.interstellar.tir.executions import executions, footprint
from heron_ms.workloads import OPERATORS
from tests.interstellar.golden_cases import Case, cases
from tests.interstellar.interpreter import Interpreter
from tests.interstellar.nests import nest

SMALL = {
    "gemm": (4, 6, 5),
    "bmm": (2, 4, 3, 5),
    "c1d": (1, 9, 4, 3, 3, 2, 1, 1),
    "c2d": (1, 5, 5, 3, 2, 3, 3, 1, 1, 1),
    "c3d": (1, 2, 3, 3, 2, 2, 1, 3, 3, 1, 1, 1),
    "t2d": (1, 3, 3, 3, 2, 3, 3, 2, 1),
    "dil": (1, 6, 6, 2, 2, 3, 3, 1, 2, 2),
    "gemv": (6, 5),
    "scan": (3, 4, 4),
    "grp": (1, 4, 4, 4, 4, 3, 3, 1, 1, 1, 2),
    "dep": (1, 5, 5, 3, 3, 3, 1, 1, 1),
}
FLAT = Accelerator(
    name="flat",
    source="a test",
    memories=(
        Memory("RF", "local", 64, energy=1.0),
        Memory("buffer", "shared", 4096, energy=6.0),
        Memory("DRAM", "global", 2**30, energy=200.0),
    ),
    arrays=(Array(0, 16, 16, 0.25),),
    precision=8,
)


def _counted(func: Any) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for access in read_accesses(func):
        key = (access.name, "store" if access.write else "load")
        found[key] += executions(access) * access.elements
    return {key: count for key, count in found.items() if count}


def _program(operator: str, **options: str) -> Any:
    kind: Any = OPERATORS[operator]
    return kind.of(SMALL[operator], **options).prim_func()


def test_every_operator_is_here() -> None:
    assert set(SMALL) == set(OPERATORS)


@pytest.mark.parametrize("operator", SMALL)
def test_counts_equal_the_interpreter(operator: str) -> None:
    func = _program(operator)
    ran = Interpreter().run(func)
    assert _counted(func) == dict(ran.counts)
    for access in read_accesses(func):
        if not access.conditions:
            reached = footprint(access, access.loops)
            assert reached <= len(ran.touched[access.name])
            if access.write and access.role == "store":
                assert operator == "t2d" or reached == len(ran.touched[access.name])


@pytest.mark.parametrize("operator", ["gemm", "c2d", "t2d", "grp"])
def test_counts_of_a_schedule_equal_the_interpreter(operator: str) -> None:
    """Tiles that do not divide leave predicates; a stage is moved; the init is decomposed."""
    sch = Schedule(_program(operator))
    blocks = sch.get_child_blocks(sch.get_sblock("root"))
    main = next(b for b in blocks if any(int(v.iter_type) == 2 for v in sch.get(b).iter_vars))
    loops = sch.get_loops(main)
    split = [sch.split(loop, [None, 2]) for loop in loops]
    sch.reorder(*(outer for outer, _ in split), *(inner for _, inner in split))
    if len(blocks) > 1 and operator != "t2d":
        sch.compute_at(blocks[0], split[1][0])
    kinds = [int(v.iter_type) for v in sch.get(main).iter_vars]
    sch.decompose_reduction(main, split[kinds.index(2)][0])
    func = sch.mod["main"]
    assert _counted(func) == dict(Interpreter().run(func).counts)


def test_operands_kept_in_a_register_equal_the_interpreter() -> None:
    """A single register misses as often as the rule says, for every order of the loops."""
    from itertools import permutations

    from heron_ms.interstellar.tir.traffic import charged

    for order in permutations(range(3)):
        sch = Schedule(_program("gemm"))
        loops = sch.get_loops(sch.get_sblock("C"))
        sch.reorder(*(loops[p] for p in order))
        func = sch.mod["main"]
        ran = Interpreter().run(func)
        moved = charged(read_accesses(func), {"local": 0, "global": 1})
        for operand in ("A", "B"):
            words = sum(movement.words for movement in moved if movement.access.name == operand)
            assert words == ran.changes[operand, "load"]


def _nests() -> list[tuple[Layer, Mapping]]:
    f = Factor
    matrix = Layer(FX=1, FY=1, OX=1, OY=1, OC=8, IC=8, ON=4)
    window = Layer(FX=3, FY=3, OX=4, OY=4, OC=4, IC=4, ON=1)
    strided = Layer(FX=3, FY=1, OX=4, OY=2, OC=2, IC=2, ON=2, stride_w=2)
    return [
        (
            matrix,
            Mapping(
                (
                    (f("IC", 1, 2), f("OC", 2, 2)),
                    (f("ON", 2), f("IC", 2)),
                    (f("IC", 2), f("OC", 2), f("ON", 2)),
                )
            ),
        ),
        (
            window,
            Mapping(
                (
                    (f("FX", 3), f("FY", 1, 3), f("OC", 2)),
                    (f("OX", 2), f("IC", 2)),
                    (f("OC", 2), f("OX", 2), f("OY", 4), f("IC", 2)),
                )
            ),
        ),
        (
            window,
            Mapping(
                (
                    (f("OX", 2), f("OY", 1, 2)),
                    (f("FX", 3), f("OC", 2), f("IC", 4)),
                    (f("FY", 3), f("OY", 2), f("OX", 2), f("OC", 2)),
                )
            ),
        ),
        (
            strided,
            Mapping(
                (
                    (f("OX", 2), f("IC", 1, 2)),
                    (f("FX", 3), f("ON", 2)),
                    (f("OY", 2), f("OX", 2), f("OC", 2)),
                )
            ),
        ),
    ]


@pytest.mark.parametrize("number", range(len(_nests())))
def test_a_nest_with_copies(number: int) -> None:
    """The interpreter counts the loads and stores of every copy; the cost is the loop nest's."""
    layer, mapping = _nests()[number]
    func = nest(layer, mapping)
    assert _counted(func) == dict(Interpreter().run(func).counts)
    _same_cost(func, layer, mapping, FLAT_16)


FLAT_16 = replace(FLAT, precision=16)


def _same_cost(func: Any, layer: Layer, mapping: Mapping, machine: Accelerator) -> None:
    ours, theirs = evaluate_tir(func, machine), evaluate_copies(layer, machine, mapping)
    for one, other in zip(ours.levels, theirs.levels, strict=True):
        assert one.name == other.name
        assert {name[0]: words for name, words in one.words.items()} == pytest.approx(
            dict(other.words)
        )
        assert one.total == pytest.approx(other.total)
    assert ours.macs == layer.macs
    assert ours.ideal_cycles == theirs.ideal_cycles


EXACT = [case for case in cases() if case.covers_exactly]


@pytest.mark.parametrize("case", EXACT, ids=str)
def test_the_golden_mappings_as_programs(case: Case) -> None:
    func = nest(case.layer, case.mapping)
    if case.machine.arrays[0].mode == "systolic":
        _same_cost(func, case.layer, case.mapping, case.machine)
    if case.layer.FX == case.layer.FY == 1:
        cost = evaluate_tir(func, case.machine)
        published = [level.total for level in cost.levels]
        assert published == pytest.approx(case.level_energy, rel=1e-9)
        assert cost.energy == pytest.approx(case.energy, rel=1e-9)


def test_some_golden_mappings_have_no_halo() -> None:
    assert len(EXACT) >= 18
    assert sum(case.layer.FX == 1 for case in EXACT) >= 3


def test_the_true_halo_is_not_the_published_one() -> None:
    case = next(case for case in EXACT if case.layer.FX > 1)
    costs = [model(case.layer, case.machine, case.mapping) for model in (evaluate, evaluate_copies)]
    assert costs[0].levels[0].words["I"] > costs[1].levels[0].words["I"]


def test_capacities_and_threads() -> None:
    layer, mapping = _nests()[0]
    func = nest(layer, mapping)
    assert held_bytes(func)["shared"] > 0
    tiny = Memory("RF", "local", 2, energy=1.0)
    small = replace(FLAT, memories=(tiny, *FLAT.memories[1:]))
    with pytest.raises(ModelError, match="level RF: .* bytes do not fit in 2"):
        check_capacity(func, small)
    with pytest.raises(ModelError, match="the program binds 4 threads"):
        evaluate_tir(func, replace(FLAT, arrays=(Array(0, 1, 2, 0.1),)))


def test_scopes_that_a_machine_lacks() -> None:
    a = te.placeholder((8,), name="a")
    sch = Schedule(te.create_prim_func([a, te.compute((8,), lambda i: a[i] + 1.0, name="b")]))
    sch.cache_read(sch.get_sblock("b"), 0, "warp")
    with pytest.raises(ModelError, match="has no level of scope warp"):
        evaluate_tir(sch.mod, preset("eyeriss"))


def test_a_program_that_was_lowered() -> None:
    with pytest.raises(ModelError, match="schedule before lowering"):
        read_accesses(_with_call(_program("gemm")))


def _with_call(func: Any) -> Any:
    """A statement that no schedule makes."""
    from heron_ms._tvm import tirx

    return func.with_body(tirx.Evaluate(tirx.const(0, "int32")))
