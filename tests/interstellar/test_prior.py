"""Scores before any measurement: of every operator, better for better tiles and fewer copies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Schedule
from heron_ms.constraints import constrain
from heron_ms.hardware import cpu_named
from heron_ms.interstellar.prior import COPY, cpu_cost, prior_scores, score
from heron_ms.interstellar.tir import read_accesses
from heron_ms.interstellar.tir.caches import Caches
from heron_ms.measure.ahead import split_ahead
from heron_ms.normalization import normalize
from heron_ms.space_generators import generate_sketches
from heron_ms.workloads import OPERATORS, Gemm

CASES = {
    "gemm": (64, 64, 64),
    "gemv": (128, 64),
    "c2d": (1, 8, 8, 16, 32, 3, 3, 1, 1, 1),
    "c3d": (1, 2, 7, 7, 16, 32, 1, 3, 3, 1, 1, 1),
    "t2d": (1, 7, 7, 16, 32, 3, 3, 2, 1),
}
"""With several rows and reductions, with a padded input, and with none of them."""
HERE = cpu_named("cascadelake").with_cores(1)


def _sketches(module: IRModule, target: Any) -> list[Any]:
    return [constrain(sketch, HERE) for sketch in generate_sketches(normalize(module), target)]


@pytest.mark.parametrize("operator", CASES)
def test_every_sketch_of_an_operator_is_scored(
    operator: str, dlboost: Any, rng: np.random.Generator
) -> None:
    kind: Any = OPERATORS[operator]
    module = IRModule({"main": kind.of(CASES[operator], weight="packed").prim_func()})
    for sketch in _sketches(module, dlboost):
        drawn = sketch.problem.sample(2, rng)
        scores = prior_scores(sketch, drawn, HERE)
        assert scores.shape == (len(drawn),) and np.all(np.isfinite(scores))
        assert np.array_equal(scores, prior_scores(sketch, drawn, HERE))


def test_without_copies_it_is_what_the_first_cache_serves(gemm: Any) -> None:
    tiled = _tiled(gemm)
    cost = cpu_cost(tiled.mod, HERE)
    assert score(tiled.mod, HERE) == -np.log1p(sum(cost.levels[1].words.values()))
    names = [level.name for level in cost.levels]
    assert cost.macs == 64**3
    assert cost.dominant.name in names == ["registers", "L1", "L2", "L3", "DRAM"]


def test_a_tile_that_is_kept_in_registers_scores_better(gemm: Any) -> None:
    """The plain loops reload both operands for every product; a tile uses each several times."""
    assert score(_tiled(gemm).mod, HERE) > score(gemm(64, 64, 64), HERE)


@pytest.mark.parametrize(
    ("operand", "loop", "times"), [(1, 0, 16), (1, 2, 16), (0, 0, 1), (0, 1, 4)]
)
def test_every_copied_byte_counts(gemm: Any, operand: int, loop: int, times: int) -> None:
    """Inside 16 tiles of rows all of B is copied each time, inside 4 of columns a part of A is."""
    tiled = _tiled(gemm)
    block = tiled.get_sblock("C")
    copy = tiled.cache_read(block, operand, "global")
    tiled.compute_at(copy, tiled.get_loops(block)[loop])
    served = sum(Caches(read_accesses(tiled.mod)).fetched(2048).values())
    assert np.expm1(-score(tiled.mod, HERE)) == pytest.approx(served + COPY * times * 64 * 64)


def test_a_weight_that_is_packed_ahead_is_packed(dlboost: Any, rng: np.random.Generator) -> None:
    """The block that packs it is in the program, but not in what is measured."""
    module = IRModule({"main": Gemm(16, 64, 32, weight="ahead").prim_func()})
    sketch = _sketches(module, dlboost)[0]
    (assignment,) = sketch.problem.sample(1, rng)
    program = sketch.materialize(assignment).mod
    split = split_ahead(program)
    assert split.packing
    assert score(program, HERE) == score(split.program, HERE)


def _tiled(gemm: Any) -> Schedule:
    """64 x 64 x 64 with register tiles of 4 x 16."""
    tiled = Schedule(gemm(64, 64, 64))
    loops = tiled.get_loops(tiled.get_sblock("C"))
    (i, i1), (j, j1) = tiled.split(loops[0], [None, 4]), tiled.split(loops[1], [None, 16])
    tiled.reorder(i, j, loops[2], i1, j1)
    return tiled
