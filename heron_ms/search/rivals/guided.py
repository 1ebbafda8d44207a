"""What the rivals with a learned model share with the CGA.

A model trained in the same way, as many individuals a round, the same epsilon-greedy choice of what
is measured. While nothing was measured, or all of it failed, random solutions are (RandSAT).
"""

from __future__ import annotations

from heron_ms.search.explorer import distinct
from heron_ms.search.modelled import Modelled
from heron_ms.search.rivals.sampling import Sampling
from heron_ms.search.selection import epsilon_greedy
from heron_ms.search.space import Individual


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
        fresh = distinct([*(each for each in self.explore() if self.is_new(each)), *sampled])
        if not fresh:
            return []
        chosen = epsilon_greedy(self.score(fresh), n, self.preset.greedy, self.rng)
        return [fresh[p] for p in chosen]
