"""The complete search: split tables in halves until the join of what is left fits in memory."""

from __future__ import annotations

import math
from collections.abc import Iterator

from numpy.random import Generator

from heron_ms.csp.compile.join import Joined, join
from heron_ms.csp.compile.narrow import narrowed
from heron_ms.csp.compile.plan import Plan

LEAF_LIMIT = 2**17
"""Rows of the largest cross product that a leaf enumerates."""


def search(plan: Plan, rng: Generator, limit: int = LEAF_LIMIT) -> Iterator[Joined | None]:
    """All solutions, as disjoint non-empty joins without open checks, in random order.

    Depth first; yields None for a node that holds no leaf, so that a caller can count nodes.
    """
    stack = [plan]
    while stack:
        node = narrowed(stack.pop())
        joined = None if node is None else join(node, limit)
        if joined is None or not joined.total:
            yield None
        elif not joined.open:
            yield joined
        else:
            stack.extend(_halves(joined, rng))
            yield None


def satisfiable(joined: Joined, rng: Generator, nodes: float = math.inf) -> bool | None:
    """Whether there is a solution; None where that would take more than `nodes` nodes."""
    if not joined.total or not joined.open:
        return joined.total > 0
    for node, block in enumerate(search(joined.plan, rng)):
        if block is not None:
            return True
        if node >= nodes:
            return None
    return False


def _halves(joined: Joined, rng: Generator) -> list[Plan]:
    """Split the smallest table of an open check in two, the one to look at first being last."""
    plan = joined.plan
    tables = frozenset[int]().union(*(plan.needs(check) for check in joined.open))
    index = min((t for t in tables if plan.tables[t].size > 1), key=lambda t: plan.tables[t].size)
    low, high = plan.halved(index)
    sizes = low.tables[index].size, high.tables[index].size
    return [high, low] if rng.random() * sum(sizes) < sizes[0] else [low, high]
