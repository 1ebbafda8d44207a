"""What a blocking costs, from variables: by counting iterations, and as the prior orders it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from heron_ms._tvm import IRModule
from heron_ms.constraints import constrain
from heron_ms.constraints.blocking import Blocking, Step
from heron_ms.hardware import cpu_named
from heron_ms.interstellar.blocked import _fetched, blocked_cost
from heron_ms.interstellar.prior import prior_scores
from heron_ms.space_generators import generate_sketches
from heron_ms.workloads import OPERATORS, Gemm

HERE = cpu_named("cascadelake").with_cores(1)
STEPS = st.lists(
    st.builds(Step, st.integers(1, 4), st.frozensets(st.integers(0, 2))), min_size=0, max_size=4
)
SIZES = st.tuples(*[st.integers(1, 9)] * 3)


def _known(operand: Any) -> float:
    return float(operand)


def _counted(steps: Sequence[Step], sizes: Sequence[int]) -> int:
    """Bytes that come in where there is room for no more than the part of the last iteration."""
    total = 0
    for factor, size in enumerate(sizes):
        last = None
        for iteration in product(*(range(int(step.extent)) for step in steps)):
            at = [i for i, step in zip(iteration, steps, strict=True) if factor in step.moves]
            total += size * (at != last)
            last = at
    return total


@given(STEPS, SIZES)
def test_what_is_fetched_anew_is_what_changes_from_one_iteration_to_the_next(
    steps: list[Step], sizes: tuple[int, ...]
) -> None:
    assert _fetched(steps, sizes, _known, capacity=0) == _counted(steps, sizes)


@given(STEPS, SIZES)
def test_what_fits_is_fetched_once(steps: list[Step], sizes: tuple[int, ...]) -> None:
    once = [
        size * np.prod([int(step.extent) for step in steps if factor in step.moves])
        for factor, size in enumerate(sizes)
    ]
    assert _fetched(steps, sizes, _known, capacity=sum(once)) == sum(once)


@pytest.mark.parametrize("operator", ["gemm", "c2d", "bmm", "t2d"])
def test_it_orders_programs_much_as_the_prior_does(operator: str, dlboost: Any) -> None:
    cases = {"gemm": (96, 256, 192), "c2d": (1, 14, 14, 64, 96, 3, 3, 1, 1, 1)}
    cases |= {"bmm": (4, 48, 64, 96), "t2d": (1, 7, 7, 32, 64, 3, 3, 2, 1)}
    kind: Any = OPERATORS[operator]
    module = IRModule({"main": kind.of(cases[operator], weight="packed").prim_func()})
    sketch = constrain(generate_sketches(module, dlboost)[0], HERE)
    rows = sketch.problem.sample_array(60, np.random.default_rng(0))
    names = sketch.problem.names
    drawn = [dict(zip(names, row.tolist(), strict=True)) for row in rows]
    cost = blocked_cost(sketch, rows, HERE)
    assert np.all(cost > 0)
    assert spearmanr(-cost, prior_scores(sketch, drawn, HERE)).statistic > 0.5


def test_loops_and_bytes_of_a_product(dlboost: Any) -> None:
    """Every loop of the tiling is there, moves the operands that it should, and by its variable."""
    module = IRModule({"main": Gemm(96, 256, 192, weight="packed").prim_func()})
    sketch = constrain(generate_sketches(module, dlboost)[0], HERE)
    [blocking] = sketch.blockings
    row = sketch.problem.sample(1, np.random.default_rng(0))[0]
    levels = blocking.levels
    extents = [row.get(str(step.extent), step.extent) for level in levels for step in level]
    assert np.prod([int(extent) for extent in extents]) == 96 * (256 // 4) * (192 // 16)
    assert _moved_by(levels[2], blocking) == {"factor"}
    assert {len(step.moves) for level in levels for step in level} == {2}


@pytest.mark.parametrize(("depth", "in_blocks"), [(1024, False), (4096, True)])
def test_blocks_of_a_sum_pay_where_a_panel_is_much_too_long(depth: int, in_blocks: bool) -> None:
    """In tile registers: adding up in memory costs more than a panel that nearly stays in L1."""
    machine = cpu_named("sapphirerapids").with_cores(1)
    module = IRModule({"main": Gemm(512, depth, 512, weight="packed").prim_func()})
    best: dict[bool, float] = {}
    for made in generate_sketches(module, machine.target(1)):
        sketch = constrain(made, machine)
        for blocking in sketch.blockings:
            if blocking.vectors > 1 and blocking.in_blocks not in best:
                rows = sketch.problem.sample_array(10_000, np.random.default_rng(0))
                best[blocking.in_blocks] = float(blocked_cost(sketch, rows, machine).min())
    assert (best[True] < best[False]) is in_blocks


def _moved_by(steps: Sequence[Step], blocking: Blocking) -> set[str]:
    moved = {factor for step in steps for factor in step.moves}
    return {"output" if factor == blocking.output else "factor" for factor in moved}
