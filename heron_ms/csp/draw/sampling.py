"""Draw distinct random solutions (the paper's RandSAT).

1. With no check open after the join, solutions are indices into a cross product: exact.
2. Else rows of the groups are drawn at random and the open checks reject: exact too, as each
   solution is equally likely, while acceptance is high enough.
3. Else the join is finished on random subsets of the partial rows. Every solution is equally
   likely to survive; solutions of one round may share parts.
4. Else the complete search, which is not uniform but finds what there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp.compile.columns import Picks, program
from heron_ms.csp.compile.join import Joined, merge_pair, next_pair
from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.tables import Rows
from heron_ms.csp.draw.complete_search import search

BUDGET = 2**20
"""Draws by rejection before it counts as too thin."""
CHUNK = 2**15
WIDTH = 2**17
"""Partial rows kept by a sampled join."""
SAMPLED_JOINS = 4
MOST_NODES = 200
"""Nodes of the complete search once a solution is known."""


def solutions(joined: Joined, n: int, rng: Generator, budget: int = BUDGET) -> NDArray[np.int64]:
    """Up to `n` distinct solutions, int64 [k, names], in random order.

    Fewer than `n` only when fewer exist, or when the search for the rest took `MOST_NODES` nodes.
    `budget` is the number of draws by rejection.
    """
    plan = joined.plan
    if not joined.open:
        index = distinct_indices([g.size for g in joined.groups], n, rng)
        return assemble(plan, joined.picks(index), len(index[0]) if index else min(n, 1))
    index = rejection(joined, n, rng, budget)
    rows = assemble(plan, joined.picks(index), len(index[0]))
    return rows if len(rows) == n else _topped_up(joined, rows, n, rng)


def assemble(plan: Plan, picks: Picks, size: int) -> NDArray[np.int64]:
    """The values of all variables for rows of all tables: int64 [size, names]."""
    columns = program(plan, plan.names).run(plan.tables, picks)
    out = np.empty((size, len(plan.names)), np.int64)
    for position, name in enumerate(plan.names):
        out[:, position] = columns[name]
    return out


def distinct_indices(sizes: Sequence[int], n: int, rng: Generator) -> list[Rows]:
    """Up to `n` distinct uniform elements of a cross product, an index array a factor."""
    total = math.prod(sizes)
    if total < 2**62:
        flat = rng.choice(total, min(n, total), replace=False)
        index = []
        for size in reversed(sizes):
            flat, rest = np.divmod(flat, size)
            index.append(rest)
        return index[::-1]
    elements = np.empty((0, len(sizes)), np.int64)
    while len(elements) < n:
        elements = first_distinct(np.concatenate([elements, draw(sizes, n, rng)]))
    return list(elements[:n].T)


def draw(sizes: Sequence[int], n: int, rng: Generator) -> NDArray[np.int64]:
    """`n` independent uniform elements of a cross product: int64 [n, factors]."""
    return np.stack([rng.integers(0, size, n) for size in sizes], axis=1)


def first_distinct(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first occurrence of each different row, in order."""
    if not rows.size:
        return rows[:1]
    keys = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.itemsize * rows.shape[1])))
    _, first = np.unique(keys.ravel(), return_index=True)
    return rows[np.sort(first)]


def rejection(joined: Joined, n: int, rng: Generator, budget: int = BUDGET) -> list[Rows]:
    """Up to `n` distinct solutions by rejection, as an index array a group."""
    sizes = [g.size for g in joined.groups]
    solved = np.empty((0, len(sizes)), np.int64)
    drawn = 0
    while len(solved) < n and drawn < budget and joined.total:
        size = min(CHUNK, max(1024, 4 * n)) if drawn < CHUNK else CHUNK
        index = draw(sizes, size, rng)
        solved = first_distinct(np.concatenate([solved, index[accepted(joined, index)]]))
        drawn += size
    return list(solved[:n].T)


def accepted(joined: Joined, index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows of group indices, int64 [n, groups], satisfy the open checks."""
    columns = joined.program().run(joined.plan.tables, joined.picks(list(index.T)))
    good = np.ones(len(index), bool)
    for check in joined.open:
        good &= check.mask(columns)
    return good


def sampled_join(joined: Joined, rng: Generator, width: int = WIDTH) -> tuple[Joined, float]:
    """Finish a join on random subsets of at most `width` partial rows.

    Returns the join, without open checks, and the share of all solutions it is expected to hold:
    each solution is in it with this probability.
    """
    share = 1.0
    while joined.total and (pair := next_pair(joined, math.inf)):
        sizes = [joined.groups[i].size for i in pair]
        chosen = None
        if math.prod(sizes) > width:
            index = distinct_indices(sizes, width, rng)
            chosen = (index[0], index[1])
            share *= width / math.prod(sizes)
        joined = merge_pair(joined, pair, chosen)
    return joined, share


def _topped_up(
    joined: Joined, rows: NDArray[np.int64], n: int, rng: Generator
) -> NDArray[np.int64]:
    """Add solutions from sampled joins and the complete search until there are `n`."""
    for more in _further(joined, n, rng, len(rows)):
        rows = first_distinct(np.concatenate([rows, more]))
        if len(rows) >= n:
            break
    return rows[:n]


def _further(joined: Joined, n: int, rng: Generator, known: int) -> Iterator[NDArray[np.int64]]:
    for _ in range(SAMPLED_JOINS):
        sampled, _ = sampled_join(joined, rng)
        if sampled.total and not sampled.open:
            known += 1
            yield solutions(sampled, n, rng)
    blocks: list[NDArray[np.int64]] = []
    for node, block in enumerate(search(joined.plan, rng)):
        if block is not None:
            blocks.append(solutions(block, n, rng))
        enough = sum(map(len, blocks)) >= n
        if enough or (node >= MOST_NODES and (blocks or known)):
            break
    if blocks:
        yield rng.permutation(np.concatenate(blocks))
