"""What the rivals have in common: random solutions to fall back on, and how a model guides them.

With the CGA the guided ones share a model trained in the same way, as many individuals a round, the
same epsilon-greedy choice of what is measured. While nothing was measured, or all of it failed,
random solutions are (RandSAT).
"""

from __future__ import annotations

from collections.abc import Iterable

from heron_ms.search.explorer import Explorer, distinct
from heron_ms.search.modelled import Modelled
from heron_ms.search.search_space import Individual
from heron_ms.search.selection import epsilon_greedy


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
        return [individual for individual in distinct(list(drawn)) if self.is_new(individual)]


class Guided(Modelled, Sampling):
    """An exploration by a learned model; a leaf implements `explore`.

    Of the preset it takes what the CGA has in common with it: sizes of batch and population,
    generations, and the greedy share.
    """

    def explore(self) -> list[Individual]:
        """The solutions that a round comes by, of which some are measured."""
        raise NotImplementedError

    def propose(self, n: int) -> list[Individual]:
        """An epsilon-greedy choice of what a round came by and has not been asked for."""
        sampled = self.untried(n)
        if not self.model.is_trained:
            return sampled
        explored = [individual for individual in self.explore() if self.is_new(individual)]
        fresh = distinct([*explored, *sampled])
        if not fresh:
            return []
        chosen = epsilon_greedy(self.score(fresh), n, self.preset.greedy, self.rng)
        return [fresh[p] for p in chosen]
