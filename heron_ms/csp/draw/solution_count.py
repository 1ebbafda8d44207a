"""How many solutions there are: exactly where that is cheap, else an estimate."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

from heron_ms.csp.compile.join import Joined, merge, merge_pair, next_pair
from heron_ms.csp.draw.sampling import accepted, draw, sampled_join

COUNT_LIMIT = 2**24
"""Rows of the largest cross product that is gone through to count solutions."""
DRAWS = 2**17
ENOUGH = 100
"""Accepted draws that give an error of about a tenth."""
CHUNK = 2**15
STORED = 2**20
"""Rows of a cross product that are held at once while they are only counted."""
SAMPLED_JOINS = 4


def exact_count(joined: Joined, limit: int = COUNT_LIMIT) -> int | None:
    """The number of solutions; None where a cross product would pass `limit` rows."""
    while joined.total and joined.open:
        pair = next_pair(joined, limit)
        if pair is None:
            return None
        tables = frozenset(t for i in pair for t in joined.groups[i].tables)
        if all(joined.plan.needs(check) <= tables for check in joined.open):
            return _count_pair(joined, pair)
        joined = merge_pair(joined, pair)
    return joined.total


def _count_pair(joined: Joined, pair: tuple[int, int]) -> int:
    """The number of solutions where the open checks are all between two groups."""
    first, second = (joined.groups[i] for i in pair)
    count, total = 0, first.size * second.size
    for start in range(0, total, STORED):
        flat = np.arange(start, min(start + STORED, total))
        chosen = np.divmod(flat, second.size)
        count += merge(joined.plan, first, second, joined.open, chosen).size
    return count * math.prod(g.size for i, g in enumerate(joined.groups) if i not in pair)


def estimate(joined: Joined, rng: Generator) -> float:
    """The cross product times the accepted share of it; by sampled joins where that is thin."""
    if not joined.open:
        return float(joined.total)
    sizes = [group.size for group in joined.groups]
    hits = sum(int(accepted(joined, draw(sizes, CHUNK, rng)).sum()) for _ in range(0, DRAWS, CHUNK))
    if hits >= ENOUGH:
        return joined.total * (hits / DRAWS)
    rounds = [sampled_join(joined, rng) for _ in range(SAMPLED_JOINS)]
    return sum(sampled.total / share for sampled, share in rounds) / SAMPLED_JOINS
