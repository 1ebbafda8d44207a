"""Decisions and traces: what TVM does with a decision, and when it calls back."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms import check
from heron_ms._tvm import Schedule, ScheduleError, Trace, ms, structural_equal, tvm_compile
from heron_ms.errors import WrongResultError
from tests.space.test_moved_sums import below, program
from tests.tvm.programs import HERE, product, scheduled


def tiled(*factors: int, most: int = 64) -> Schedule:
    """A product of 512 rows, of which the rows are split in this way."""
    sch = scheduled(product(m=512))
    rows = sch.get_loops(sch.get_sblock("C"))[0]
    decided = sch.sample_perfect_tile(rows, len(factors), most, decision=list(factors))
    sch.split(rows, decided)
    return sch


def decided(trace: Trace) -> list[list[int]]:
    """The factors of each split."""
    return [[int(factor) for factor in factors] for factors in trace.decisions.values()]


def test_an_impossible_tile_is_replaced_in_silence() -> None:
    again = scheduled(product(m=512))
    tiled(3, 1, 1, 1).trace.apply_to_schedule(again, remove_postproc=False)
    assert decided(again.trace) == [[512, 1, 1, 1]]


def test_the_largest_inner_factor_is_not_checked() -> None:
    assert decided(tiled(1, 512, most=16).trace) == [[1, 512]]


@pytest.mark.parametrize("is_decomposed", [False, True])
def test_rewrite_reduction_block_takes_the_start_of_a_moved_sum_too_far_out(
    is_decomposed: bool,
) -> None:
    func = program()
    sch = scheduled(func)
    sch.compute_at(sch.get_sblock("S"), below(sch), preserve_unit_loops=True)
    if is_decomposed:
        sch.decompose_reduction(sch.get_sblock("S"), sch.get_loops(sch.get_sblock("S"))[-1])
    postproc = ms.postproc.RewriteReductionBlock()
    postproc._initialize_with_tune_context(ms.TuneContext(mod=sch.mod, target=HERE))
    sch.enter_postproc()
    assert postproc.apply(sch)
    compiled = tvm_compile(sch.mod, HERE)
    if is_decomposed:
        assert check(compiled, func, HERE).wrong == 0
    else:
        with pytest.raises(WrongResultError):
            check(compiled, func, HERE)


def test_a_sum_starts_outside_of_what_it_is_summed_up_over() -> None:
    sch = scheduled(product())
    block = sch.get_sblock("C")
    rows, columns, depth = sch.get_loops(block)
    sch.reorder(depth, rows, columns)
    with pytest.raises(ScheduleError):
        sch.decompose_reduction(block, rows)
    sch.decompose_reduction(block, depth)


def test_all_decisions_are_set_at_once_and_survive_in_json() -> None:
    sch = scheduled(product(m=512))
    rows, columns, _ = sch.get_loops(sch.get_sblock("C"))
    for loop in (rows, columns):
        sch.split(loop, sch.sample_perfect_tile(loop, 2))
    sch.sample_categorical([4, 16], [0.5, 0.5])
    made = [[128, 4], [2, 4], 1]
    trace = Trace(sch.trace.insts, dict(zip(sch.trace.decisions, made, strict=True)))
    again = scheduled(product(m=512))
    Trace.apply_json_to_schedule(trace.as_json(), again)
    assert structural_equal(again.trace.as_json(), trace.as_json())
    values = [_plain(value) for value in again.trace.decisions.values()]
    assert values == made


def test_a_replay_asks_before_every_instruction() -> None:
    trace, again = tiled(128, 4).trace, scheduled(product(m=512))
    seen: list[tuple[str, int]] = []

    def ask(inst: Any, inputs: Any, attrs: Any, decision: Any) -> Any:
        seen.append((str(inst.kind.name), len(again.trace.insts)))
        return decision

    trace.apply_to_schedule(again, remove_postproc=False, decision_provider=ask)
    assert seen == [(str(inst.kind.name), n) for n, inst in enumerate(trace.insts)]


def test_asking_a_schedule_for_loops_writes_into_its_trace() -> None:
    sch = scheduled(product())
    block = sch.get_sblock("C")
    before = len(sch.trace.insts)
    sch.get_sref(block)
    assert len(sch.trace.insts) == before
    sch.get_loops(block)
    assert len(sch.trace.insts) == before + 1


def _plain(value: Any) -> int | list[int]:
    return [int(item) for item in value] if hasattr(value, "__len__") else int(value)
