"""Crossover on CSPs (Heron's CGA): a child takes each key variable from either parent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from heron_ms.csp import In


def crossover(first: Mapping[str, int], second: Mapping[str, int], keys: Iterable[str]) -> list[In]:
    """IN(v, {first.v, second.v}) for every key variable.

    Added to the problem that both parents solve, these are the offspring CSP; each parent still
    satisfies it, so it always has a solution.
    """
    return [_either(key, first[key], second[key]) for key in keys]


@lru_cache(maxsize=2**14)
def _either(key: str, first: int, second: int) -> In:
    # The same few values meet in thousands of children.
    return In(key, frozenset((first, second)), rule="crossover")
