"""Problems like those of a tiled GEMM, made of constraints alone, and times planted on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Constraint, Le, Problem, Prod, Sum, Variable
from heron_ms.csp.meaning import HELD, LANES, REDUCE, ROWS, TOUCHED, Meaning

LEVELS = {ROWS: (0, 1, 3, 5), LANES: (0, 1, 3, 5), REDUCE: (2, 4)}
"""The levels of the structure at which each kind of axis has its factors: SSRSRS."""

Seconds = Callable[[Problem, NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Sketched:
    """A sketch, as far as a model of the CSP alone needs one."""

    problem: Problem


@dataclass(frozen=True)
class Point:
    """A solution."""

    sketch: int
    row: NDArray[np.int64]


def tiled(
    rows: int, lanes: int, depth: int, block: str = "C", names: Sequence[str] = ("i", "j", "k")
) -> Problem:
    """Rows and lanes split in four, a reduction in two; accumulators and weights in registers."""
    extents = dict(zip(names, (rows, lanes, depth), strict=True))
    variables: list[Variable] = []
    constraints: list[Constraint] = []
    for name, kind in zip(names, LEVELS, strict=True):
        parts = len(LEVELS[kind])
        factors = tuple(f"{block}.{name}.{part}" for part in range(parts))
        divisors = tuple(d for d in range(1, extents[name] + 1) if extents[name] % d == 0)
        variables += [
            Variable(factor, divisors, "tunable", Meaning(kind, level))
            for factor, level in zip(factors, LEVELS[kind], strict=True)
        ]
        constraints.append(Prod(extents[name], factors, rule="C1"))
    inner = [f"{block}.{name}.3" for name in names[:2]]
    tile, weights, total = (f"{block}.{n}.bytes" for n in ("accumulators", "weights", "registers"))
    touched, held = Meaning(TOUCHED), Meaning(HELD, memory="registers")
    for size, meaning in ((tile, touched), (weights, touched), (total, held)):
        variables.append(Variable(size, range(1, 2**20), meaning=meaning))
    constraints += [
        Prod(tile, (*inner, 64), rule="C5"),
        Prod(weights, (inner[1], 64), rule="C5"),
        Sum(total, (tile, weights, 64), rule="C5"),
        Le(total, 2048, rule="C5"),
    ]
    return Problem(variables, constraints)


def quick_tiles(problem: Problem, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Fastest, 1 ms, for full registers and a chunk of 16 of the reduction."""
    column = {name.split(".", 1)[1]: at for at, name in enumerate(problem.names)}
    registers = rows[:, column["registers.bytes"]] / 2048.0
    chunk = rows[:, [at for name, at in column.items() if name.endswith(".1")][-1]]
    return np.asarray(1e-3 * (2.0 - registers + 0.3 * np.abs(np.log2(chunk / 16.0))))


def points(problem: Problem, n: int, seed: int, sketch: int = 0) -> list[Point]:
    """Random solutions."""
    return [Point(sketch, row) for row in problem.sample_array(n, np.random.default_rng(seed))]


def seconds_of(
    problem: Problem, given: Sequence[Point], times: Seconds = quick_tiles
) -> NDArray[np.float64]:
    """Planted seconds, float64 [points]."""
    return times(problem, np.stack([candidate.row for candidate in given]))


def agreement(scores: NDArray[np.float64], seconds: NDArray[np.float64]) -> float:
    """Spearman's correlation of scores and speed."""

    def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.searchsorted(np.sort(values), values).astype(np.float64)

    return float(np.corrcoef(ranks(scores), ranks(-seconds))[0, 1])
