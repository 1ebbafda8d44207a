"""Random solutions that are new, to fill a batch: as long as there are any, some are found."""

from __future__ import annotations

from collections.abc import Iterable

from heron_ms.search.explorer import Explorer, distinct
from heron_ms.search.space import Individual


class Sampling(Explorer):
    """An explorer that falls back on random solutions."""

    def untried(self, n: int) -> list[Individual]:
        """About n random solutions that were never asked for, each once.

        Fewer only where fewer are left; then so many are drawn that none can hide among the known.
        """
        few = self._new(self.space.sample(2 * n, self.rng))[:n]
        if len(few) == n:
            return few
        largest = n + len(self._asked)
        return self._new(
            Individual(number, row)
            for number, sketch in enumerate(self.space.sketches)
            for row in sketch.problem.sample_array(largest, self.rng)
        )

    def _new(self, drawn: Iterable[Individual]) -> list[Individual]:
        return [each for each in distinct(list(drawn)) if self.is_new(each)]
