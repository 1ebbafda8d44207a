"""Scores before any measurement: of every operator, better for better tiles and fewer copies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Schedule
from heron_ms.constraints import constrain
from heron_ms.csp import In, Problem
from heron_ms.hardware import cpu_named
from heron_ms.interstellar import prior
from heron_ms.interstellar.prior import COPY, FETCH, cpu_cost, prior_scores, score
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


def test_without_copies_it_is_what_is_loaded_and_fetched(gemm: Any) -> None:
    """A is loaded for each of 4 tiles of columns, B for each of 16 of rows, the sums once.

    A load of a byte takes as long as one of the four bytes of a sum. All fits in the first cache.
    """
    tiled = _tiled(gemm)
    cost, elements = cpu_cost(tiled.mod, HERE), 64 * 64
    loaded = 4 * (4 + 16) * elements + 2 * 4 * elements
    fetched = (1 + 1 + 2 * 4) * elements
    assert np.expm1(-score(tiled.mod, HERE)) == pytest.approx(loaded + sum(FETCH) * fetched)
    names = [level.name for level in cost.levels]
    assert cost.macs == 64**3
    assert cost.dominant.name in names == ["registers", "L1", "L2", "L3", "DRAM"]


def test_a_tile_that_is_kept_in_registers_scores_better(gemm: Any) -> None:
    """The plain loops reload both operands for every product; a tile uses each several times."""
    assert score(_tiled(gemm).mod, HERE) > score(gemm(64, 64, 64), HERE)


def test_only_a_tile_whose_addresses_are_known_is_in_registers(gemm: Any) -> None:
    """Loops that are left as they are load their sums at each step."""
    assert score(_tiled(gemm).mod, HERE) > score(_tiled(gemm, unrolled=False).mod, HERE)


def test_a_broadcast_takes_a_load(dlboost: Any) -> None:
    """Sums of 4 x 48 take 7 loads a step, of 12 x 16 13, which are fewer bytes."""
    module = IRModule({"main": Gemm(48, 64, 192, weight="packed").prim_func()})
    sketch = _sketches(module, dlboost)[0]
    wide = _tile(sketch, rows=4, vectors=3)
    tall = _tile(sketch, rows=12, vectors=1)
    assert score(wide, HERE) > score(tall, HERE)


def test_a_weight_that_is_fetched_again_counts(gemm: Any) -> None:
    """4 MB of B come into L2 for each tile of rows, unless a part of them stays for all."""
    rows_outside = _tiled(gemm, size=2048)
    columns_outside = _tiled(gemm, size=2048)
    i, j, *_ = columns_outside.get_loops(columns_outside.get_sblock("C"))
    columns_outside.reorder(j, i)
    assert score(columns_outside.mod, HERE) > score(rows_outside.mod, HERE)


@pytest.mark.parametrize(
    ("operand", "loop", "times"), [(1, 0, 16), (1, 2, 16), (0, 0, 1), (0, 1, 4)]
)
def test_every_copied_byte_counts(
    gemm: Any, monkeypatch: pytest.MonkeyPatch, operand: int, loop: int, times: int
) -> None:
    """Inside 16 tiles of rows all of B is copied each time, inside 4 of columns a part of A is."""
    tiled = _tiled(gemm)
    block = tiled.get_sblock("C")
    copy = tiled.cache_read(block, operand, "global")
    tiled.compute_at(copy, tiled.get_loops(block)[loop])
    with_copies = np.expm1(-score(tiled.mod, HERE))
    monkeypatch.setattr(prior, "COPY", 0.0)
    without = np.expm1(-score(tiled.mod, HERE))
    assert with_copies - without == pytest.approx(COPY * times * 64 * 64)


def test_a_weight_that_is_packed_ahead_is_packed(dlboost: Any, rng: np.random.Generator) -> None:
    """The block that packs it is in the program, but not in what is measured."""
    module = IRModule({"main": Gemm(16, 64, 32, weight="ahead").prim_func()})
    sketch = _sketches(module, dlboost)[0]
    (assignment,) = sketch.problem.sample(1, rng)
    program = sketch.materialize(assignment).mod
    split = split_ahead(program)
    assert split.packing
    assert score(program, HERE) == score(split.program, HERE)


def _tile(sketch: Any, rows: int, vectors: int) -> IRModule:
    """A program of a sketch with a register tile of so many rows and vectors."""
    wanted = {"C.i.2": 1, "C.j.2": 1, "C.i.3": rows, "C.j.3": vectors, "C.k.0": 1}
    held = [In(name, frozenset({value})) for name, value in wanted.items()]
    problem = Problem(sketch.problem.variables, [*sketch.problem.constraints, *held])
    (assignment,) = problem.sample(1, np.random.default_rng(0))
    return sketch.materialize(assignment).mod


def _tiled(gemm: Any, size: int = 64, *, unrolled: bool = True) -> Schedule:
    """Of equal sizes, with register tiles of 4 x 16."""
    tiled = Schedule(gemm(size, size, size))
    loops = tiled.get_loops(tiled.get_sblock("C"))
    (i, i1), (j, j1) = tiled.split(loops[0], [None, 4]), tiled.split(loops[1], [None, 16])
    tiled.reorder(i, j, loops[2], i1, j1)
    for loop in (i1, j1) if unrolled else ():
        tiled.unroll(loop)
    return tiled
