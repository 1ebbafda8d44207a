"""Polish: the feasible neighbours of the best measured, one step of FlexTensor's away."""

from __future__ import annotations

from collections.abc import Iterable

from numpy.random import Generator

from heron_ms.search.moves import neighbours
from heron_ms.search.search_space import Individual, SearchSpace


class Neighbourhood:
    """The neighbours of individuals, each computed once."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._known: dict[tuple[int, bytes], list[Individual]] = {}

    def of(self, individuals: Iterable[Individual], rng: Generator) -> list[Individual]:
        """All neighbours of some individuals; one of several comes several times."""
        return [neighbour for centre in individuals for neighbour in self._around(centre, rng)]

    def _around(self, centre: Individual, rng: Generator) -> list[Individual]:
        if centre.key not in self._known:
            rows = neighbours(self._space.decisions[centre.sketch], centre.row, rng)
            self._known[centre.key] = [Individual(centre.sketch, row) for row in rows]
        return self._known[centre.key]
