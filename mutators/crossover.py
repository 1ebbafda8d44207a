"""Crossover on CSPs (Heron's CGA): a child takes each key variable from either parent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from heron_ms.csp import In


def crossover(first: Mapping[str, int], second: Mapping[str, int], keys: Iterable[str]) -> list[In]:
    """IN(v, {first.v, second.v}) for every key variable.

    Added to the problem that both parents solve, these are the offspring CSP; each parent still
    satisfies it, so it always has a solution.
    """
    return [In(key, frozenset((first[key], second[key])), rule="crossover") for key in keys]
