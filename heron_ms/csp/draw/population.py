"""One random solution for each of many sets of extra constraints (an offspring population).

All sets are solved together in numpy. Extra constraints that one group of tables decides become a
mask of its rows, a row of masks a set. Then the groups are joined for all sets side by side, a set
keeping a limited number of partial rows, and one of the solutions that come out is picked at
random. Sets that find none are tried again with a higher limit, and at last are searched one by
one, completely.

The pick is uniform where a set stayed below the limit. Elsewhere it is close to uniform: every
solution is as likely as any other to survive the join, but several that survive may be alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp.compile.join import Joined, join
from heron_ms.csp.compile.narrow import narrowed
from heron_ms.csp.draw.extras import Extras, split
from heron_ms.csp.draw.partial_rows import Candidates, grown, plan_steps, pool
from heron_ms.csp.draw.sampling import assemble, sampled_join, solutions

MASK_CELLS = 2**24
"""Cells of the masks of one batch of sets."""
LIMITS = (256, 1024, 2**13)
"""Partial rows a set, pass by pass."""
SEARCH_LIMIT = 2**14
"""Cross product up to which the tables of a single set are joined."""
WIDTHS = (2**12, 2**14, 2**16)
"""Partial rows of the sampled joins that are tried for a single set before the full search."""
CANDIDATES = 2**16
"""Partial rows of all sets that are handled together."""

Row = NDArray[np.int64]


def solve_each(
    joined: Joined,
    sets: Sequence[Extras],
    rng: Generator,
    avoid: NDArray[np.int64] | None = None,
    limits: Sequence[int] = LIMITS,
) -> list[Row | None]:
    """See `Problem.sample_each`; `joined` is `Compiled.small`."""
    if not joined.total:
        return [None] * len(sets)
    largest = max((g.size for g in joined.groups if joined.listed(g)), default=1)
    step = max(1, MASK_CELLS // largest)
    known = _hashed(avoid) if avoid is not None and len(avoid) else None
    rows: list[Row | None] = []
    for start in range(0, len(sets), step):
        rows.extend(_solve_batch(joined, sets[start : start + step], rng, known, limits))
    return rows


def _solve_batch(
    joined: Joined,
    sets: Sequence[Extras],
    rng: Generator,
    known: NDArray[np.uint64] | None,
    limits: Sequence[int],
) -> list[Row | None]:
    local, across, impossible = split(joined, sets)
    pools = [pool(joined, g, len(sets), local.get(i)) for i, g in enumerate(joined.groups)]
    steps = plan_steps(joined, pools, across)
    solved: dict[int, Row] = {}
    pending = np.array([s for s in range(len(sets)) if s not in impossible], np.int64)
    for limit in limits if len(pending) else ():
        left = []
        prune = None if limit == limits[0] else across
        for part in np.array_split(pending, 1 + len(pending) * limit // CANDIDATES):
            candidates, complete = grown(joined.plan, steps, part, limit, rng, prune)
            rows, owners, fresh = _pick(joined, candidates, rng, known)
            solved.update(zip(owners.tolist(), rows, strict=True))
            complete[owners[fresh]] = True
            left.append(part[~complete[part]])
        pending = np.concatenate(left)
        if not len(pending):
            break
    for owner in pending.tolist():
        if owner not in solved and (row := _searched(joined, sets[owner], rng)) is not None:
            solved[owner] = row
    return [solved.get(owner) for owner in range(len(sets))]


def _pick(
    joined: Joined, candidates: Candidates, rng: Generator, known: NDArray[np.uint64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """A random candidate of each set that has one, a new one if possible.

    Returns rows [k, names], their sets [k] and whether they are new [k].
    """
    order = rng.permutation(len(candidates.owner))
    if known is not None:
        rows = assemble(joined.plan, candidates.at(order), len(order))
        stale = np.isin(_hashed(rows), known)
        order = np.concatenate([order[~stale], order[stale]])
    owners, first = np.unique(candidates.owner[order], return_index=True)
    rows = assemble(joined.plan, candidates.at(order[first]), len(first))
    fresh = np.ones(len(rows), bool) if known is None else ~np.isin(_hashed(rows), known)
    return rows, owners, fresh


def _searched(joined: Joined, extra: Extras, rng: Generator) -> Row | None:
    """A solution of one set, None if there is none: narrow its tables, join what fits, sample."""
    plan = narrowed(joined.plan.adding(extra))
    if plan is None:
        return None
    small = join(plan, SEARCH_LIMIT)
    for width in WIDTHS:
        if small.total and small.open:
            sampled, _ = sampled_join(small, rng, width)
            if sampled.total:
                return _first(solutions(sampled, 1, rng))
    return _first(solutions(small, 1, rng))


def _first(rows: NDArray[np.int64]) -> Row | None:
    row: Row = rows[:1].ravel()
    return row if len(rows) else None


def _hashed(rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A 64-bit hash a row; a collision only makes a new solution look known."""
    total = np.zeros(len(rows), np.uint64)
    for column in rows.T.astype(np.uint64):
        total = (total ^ column) * np.uint64(0x9E3779B97F4A7C15)
        total ^= total >> np.uint64(29)
    return total
