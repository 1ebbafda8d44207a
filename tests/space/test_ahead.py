"""A constant weight is packed once, by a block that MetaSchedule leaves out of what it measures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tvm
from hypothesis import given, settings
from hypothesis import strategies as st

import heron_ms
from heron_ms._tvm import (
    ArgInfo,
    IRModule,
    SBlock,
    Schedule,
    Target,
    Trace,
    collect,
    ms,
    tvm_compile,
)
from heron_ms.checking import count_wrong
from heron_ms.hardware import machine
from heron_ms.layout_free import PREPROC, is_layout_free
from heron_ms.measure.ahead import split_ahead
from heron_ms.measure.devices import device_for
from heron_ms.sketch import Sketch, trace_key
from heron_ms.space_generators.choices import AHEAD
from heron_ms.space_generators.plan import plan_of
from heron_ms.work_dir import open_database
from heron_ms.workloads import OPERATORS, Gemm, Workload

CASES = [
    ("gemm", (17, 64, 48), "u8s8"),
    ("gemm", (8, 24, 32), "f32"),
    ("gemv", (32, 64), "u8s8"),
    ("scan", (16, 64, 32), "s8s8"),
    ("c1d", (1, 16, 8, 32, 3, 1, 1, 1), "u8s8"),
    ("c2d", (1, 7, 7, 16, 32, 3, 3, 1, 1, 1), "u8s8"),
    ("c2d", (1, 7, 7, 16, 32, 3, 3, 1, 1, 1), "f32"),
    ("t2d", (1, 4, 4, 16, 32, 3, 3, 2, 1), "u8s8"),
]


def _sapphire_rapids() -> Target:
    """A described machine with an intrinsic for every type of the cases, whatever this one is."""
    return Target(machine("sapphirerapids").target())


def _ahead(case: tuple[str, tuple[int, ...], str]) -> Workload:
    operator, sizes, dtype = case
    return OPERATORS[operator].of(sizes, dtype, weight="ahead")


def sketches(workload: Workload, target: Any) -> list[Sketch]:
    """HeronSpace's sketches of a workload."""
    return heron_ms.generate_sketches(IRModule({"main": workload.prim_func()}), target)


def schedules(workload: Workload, target: Any, rng: np.random.Generator) -> Iterator[Schedule]:
    """A random program of each sketch, postprocessed."""
    for sketch in sketches(workload, target):
        assignment = heron_ms.derive_csp(sketch, target).sample(1, rng)[0]
        sch = heron_ms.materialize(sketch, assignment)
        sch.enter_postproc()
        for postproc in _postprocessors(sketch.mod, target):
            assert postproc.apply(sch)
        yield sch


def marked(mod: IRModule) -> list[SBlock]:
    """The blocks that MetaSchedule leaves out of what it measures."""
    return [block for block in collect(mod["main"].body, SBlock) if block.annotations.get(PREPROC)]


def _postprocessors(mod: IRModule, target: Any) -> list[Any]:
    space = heron_ms.HeronSpace()
    context = ms.TuneContext(mod=mod, target=target, space_generator=space, num_threads=1)
    return list(context.space_generator.postprocs)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_measured_program_takes_what_a_caller_would_pack(
    case: tuple[str, tuple[int, ...], str], rng: np.random.Generator
) -> None:
    operator, sizes, dtype = case
    packed = OPERATORS[operator].of(sizes, dtype, weight="packed").prim_func().params[1].shape
    drawn = list(schedules(_ahead(case), _sapphire_rapids(), rng))
    assert drawn
    for sch in drawn:
        assert len(marked(sch.mod)) == 1
        _, b, _ = ArgInfo.from_entry_func(sch.mod, remove_preproc=True)
        assert list(b.shape) in _layouts([int(extent) for extent in packed])
        assert [len(block.writes) for block in marked(split_ahead(sch.mod).program)] == [0]


def _layouts(packed: list[int]) -> list[list[int]]:
    """A packed weight by groups of lanes, and by tiles of sixteen such groups."""
    *rest, groups, lanes, depth = packed
    return [packed, [*rest, groups // 16, 16, lanes, depth]]


def test_ahead_is_the_only_level_then() -> None:
    here = machine("cascadelake")
    for weight, levels in (
        ("ahead", {AHEAD.text}),
        ("kn", {"before all loops", "in each parallel task", "for each chunk of the reduction"}),
    ):
        mod = IRModule({"main": Gemm(64, 64, 64, weight=weight).prim_func()})
        texts = {
            choice.b.text
            for sketch in plan_of(mod, here).sketches
            for _, choice in sketch.tensorized
        }
        assert texts == levels


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.sampled_from(["u8s8", "f32"]))
def test_packing_is_what_a_caller_would_do(m: int, k: int, n: int, dtype: str) -> None:
    sizes, rng = (m, 4 * k, 16 * n), np.random.default_rng(0)
    target = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 2})
    sch = next(schedules(Gemm.of(sizes, dtype, weight="ahead"), target, rng))
    caller = Gemm.of(sizes, dtype, weight="packed")
    _, b = caller.random_inputs(rng)
    expected = caller.arrange(b)
    packed = tvm.runtime.tensor(np.zeros_like(expected))
    # A loop nest without an intrinsic in it, which any CPU can run.
    packer = tvm_compile(split_ahead(sch.mod).packing[1], Target({"kind": "llvm", "num-cores": 1}))
    packer(tvm.runtime.tensor(b), packed)
    np.testing.assert_array_equal(packed.numpy(), expected)


@pytest.mark.parametrize(
    ("operator", "sizes"),
    [("gemm", (16, 64, 40)), ("gemm", (16, 30, 32)), ("grp", (1, 6, 6, 8, 32, 3, 3, 1, 1, 1, 2))],
)
def test_what_is_more_than_a_permutation_is_packed_inside(
    dlboost: Any, operator: str, sizes: tuple[int, ...], rng: np.random.Generator
) -> None:
    workload = OPERATORS[operator].of(sizes, weight="ahead")
    plain = OPERATORS[operator].of(sizes, weight="kn")
    assert len(sketches(workload, dlboost)) == len(sketches(plain, dlboost))
    for sch in schedules(workload, dlboost, rng):
        assert marked(sch.mod) == []
        _, b, _ = ArgInfo.from_entry_func(sch.mod, remove_preproc=True)
        assert tuple(int(extent) for extent in b.shape) == workload.b_shape


def test_a_trace_replays_from_json_and_belongs_to_its_sketch(dlboost: Any) -> None:
    mod = IRModule({"main": Gemm(32, 64, 64, weight="ahead").prim_func()})
    for sketch in heron_ms.generate_sketches(mod, dlboost):
        copy = Schedule(mod)
        Trace.apply_json_to_schedule(sketch.trace.as_json(), copy)
        assert Sketch(mod, copy.trace).key() == sketch.key()
        assert len(marked(copy.mod)) == 1


def test_a_record_in_a_file_belongs_to_its_sketch(dlboost: Any, tmp_path: Path) -> None:
    mod = IRModule({"main": Gemm(32, 64, 64, weight="ahead").prim_func()})
    sketches = heron_ms.generate_sketches(mod, dlboost)
    database = open_database(str(tmp_path))
    workload = database.commit_workload(mod)
    for sketch in sketches:
        record = ms.database.TuningRecord(sketch.trace, workload, [1e-3], dlboost, [])
        database.commit_tuning_record(record)
    records = open_database(str(tmp_path)).get_all_tuning_records()
    assert sorted(trace_key(record.trace) for record in records) == sorted(
        sketch.key() for sketch in sketches
    )


def test_only_declared_arguments_are_free() -> None:
    for weight, free in (("ahead", [False, True, False]), ("kn", [False] * 3)):
        func = Gemm(4, 4, 4, weight=weight).prim_func()
        mod = IRModule({"main": func})
        assert [is_layout_free(mod, param) for param in func.params] == free


@pytest.mark.vnni
@pytest.mark.parametrize("case", CASES[::2], ids=str)
def test_it_computes_the_right_thing_packed_ahead_or_not(
    case: tuple[str, tuple[int, ...], str], here: Any, rng: np.random.Generator
) -> None:
    from heron_ms.cli.tune.kernels import packed_ahead

    workload = _ahead(case)
    a, b = workload.random_inputs(rng)
    expected, tolerance = workload.reference(a, b), workload.tolerance(a, b)
    for sch in schedules(workload, here, rng):
        whole, ahead = tvm_compile(sch.mod, here), packed_ahead(sch.mod, here, device_for(here))
        assert ahead is not None and list(ahead.packers) == [1]
        device, output = device_for(here), np.full(workload.c_shape, -7, workload.dtypes.c)
        arguments = [a, workload.arrange(b), output]
        packed = ahead.packed(device, arguments)
        for kernel, taken in ((whole, arguments), (ahead.kernel, packed)):
            result = device.call(kernel["main"], taken)[-1]
            assert count_wrong(result, expected, tolerance) == 0
