"""How often an access happens, and how many different elements it touches: exact where small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.interstellar.tir.accesses import Access, Loop
from heron_ms.interstellar.tir.values import value, variables

LIMIT = 2**18
"""Iterations of loops that are gone through one by one; beyond, bounds take their place."""


def executions(access: Access) -> int:
    """How often an access runs: iterations of its loops under which all conditions hold.

    Exact where the loops of linked conditions have at most `LIMIT` iterations together; conditions
    on more are taken to hold always.
    """
    total, left = 1, list(access.loops)
    for conditions, loops in _linked(access):
        left = [loop for loop in left if loop not in loops]
        total *= _holding(access, conditions, loops)
    return total * prod(loop.extent for loop in left)


def footprint(access: Access, inside: Sequence[Loop]) -> int:
    """Different elements that an access touches while some loops run and the others stand still.

    Exact where the dimensions that share loops have at most `LIMIT` iterations together; beyond,
    and for regions that overlap, the box around is taken.
    """
    own = [loop for loop in access.moving if loop in inside]
    result = 1
    for dimensions, loops in _shared(access, own):
        # One loop more or less changes one group of dimensions.
        key = (*dimensions, *loops)
        if key not in access.counted:
            access.counted[key] = _different(access, dimensions, loops)
        result *= access.counted[key]
    return result


def _shared(access: Access, own: Sequence[Loop]) -> list[tuple[list[int], list[Loop]]]:
    """The dimensions of an access in groups that have no loop in common, with their loops."""
    groups: list[tuple[list[int], set[Any]]] = []
    vars_ = {loop.var for loop in own}
    for dimension, needed in enumerate(access.variables):
        used = needed & vars_
        places = [dimension]
        for group in [g for g in groups if g[1] & used]:
            groups.remove(group)
            places, used = [*group[0], *places], used | group[1]
        groups.append((places, used))
    return [(places, [loop for loop in own if loop.var in used]) for places, used in groups]


def _different(access: Access, dimensions: Sequence[int], loops: Sequence[Loop]) -> int:
    """Different elements in some dimensions: counted one by one where that is quick."""
    if not loops:
        return prod(access.shape[d] for d in dimensions)
    if any(access.shape[d] > 1 for d in dimensions) or prod(e.extent for e in loops) > LIMIT:
        return _box(access, dimensions, loops)
    address: Any = np.zeros(1, np.int64)
    grid = _grid(loops)
    for dimension in dimensions:
        index = np.ravel(value(access.indices[dimension], grid, access.bindings))
        address = address * (2 * int(access.buffer.shape[dimension]) + 1) + index
    return _distinct(address)


def _distinct(values: NDArray[np.int64]) -> int:
    """Different values: by marks where they lie close together, which is quicker than to sort."""
    low, high = int(values.min()), int(values.max())
    if high - low > 8 * len(values):
        return len(np.unique(values))
    seen = np.zeros(high - low + 1, bool)
    seen[values - low] = True
    return int(np.count_nonzero(seen))


def _box(access: Access, dimensions: Sequence[int], own: Sequence[Loop]) -> int:
    """The elements between the least and the greatest index of some dimensions."""
    reach = 1
    for d in dimensions:
        low, high = _ends(access, d, own)
        reach *= min(high - low + access.shape[d], int(access.buffer.shape[d]))
    return reach


def _ends(access: Access, dimension: int, own: Sequence[Loop]) -> tuple[int, int]:
    """The least and the greatest index of one dimension."""
    loops = [loop for loop in own if loop.var in access.variables[dimension]]
    if prod(loop.extent for loop in loops) > LIMIT:
        corners = [np.array([loop.start, loop.start + loop.extent - 1]) for loop in loops]
    else:
        corners = [loop.values() for loop in loops]
    grid = dict(zip((loop.var for loop in loops), np.ix_(*corners), strict=True))
    found = np.asarray(value(access.indices[dimension], grid, access.bindings))
    return int(found.min()), int(found.max())


def _grid(loops: Sequence[Loop]) -> dict[Any, Any]:
    """Columns of all iterations of some loops."""
    mesh = np.meshgrid(*(loop.values() for loop in loops), indexing="ij")
    return {loop.var: column.ravel() for loop, column in zip(loops, mesh, strict=True)}


def _linked(access: Access) -> Iterable[tuple[list[Any], list[Loop]]]:
    """Conditions that share loops, together with these."""
    groups: list[tuple[list[Any], set[Any]]] = []
    for condition in access.conditions:
        used = variables(condition, access.bindings)
        joined, names = [condition], set(used)
        for group in [g for g in groups if g[1] & used]:
            groups.remove(group)
            joined, names = [*group[0], *joined], names | group[1]
        groups.append((joined, names))
    for conditions, names in groups:
        yield conditions, [loop for loop in access.loops if loop.var in names]


def _holding(access: Access, conditions: Sequence[Any], loops: Sequence[Loop]) -> int:
    total = prod(loop.extent for loop in loops)
    if total > LIMIT:
        return total
    grid = _grid(loops)
    good: Any = np.ones(total, bool)
    for condition in conditions:
        good = good & np.asarray(value(condition, grid, access.bindings), bool)
    return int(np.count_nonzero(good))
