"""Mutation on CSPs (Heron's CGA): one inherited constraint is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from heron_ms.csp import In


def mutate(inherited: Sequence[In], rng: Generator) -> list[In]:
    """All but one of the constraints, chosen at random; relaxing keeps the CSP satisfiable."""
    if not inherited:
        return []
    dropped = int(rng.integers(len(inherited)))
    return [constraint for position, constraint in enumerate(inherited) if position != dropped]
