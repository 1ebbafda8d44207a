"""CRAND: uniformly random solutions and nothing learned (the paper's RandSAT as a strategy)."""

from __future__ import annotations

import logging

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.hardware import Machine
from heron_ms.search.explorer import Explorer
from heron_ms.search.search_space import Individual, SearchSpace

logger = logging.getLogger(__name__)

MOST_EXACT = 9 * 10**8
"""Solutions up to which numpy draws shares of sketches without replacement."""


class UniformRandom(Explorer):
    """Draws from the union of the sketches' solutions, each solution with the same chance.

    A sketch weighs as many solutions as it has. Where `Problem.count` finds that not cheap, the
    estimate stands in (`Problem.estimate_count`, within about a tenth), and its log says so.
    """

    def clone(self) -> UniformRandom:
        """Another."""
        return type(self)()

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Counts the solutions of every sketch."""
        super().begin(space, rng, machine)
        self._counts = np.array([self._count(s) for s in range(len(space.sketches))], np.float64)

    def propose(self, n: int) -> list[Individual]:
        """Random solutions that were not asked for; all there are left where these are fewer."""
        fresh = self._drawn(n)
        return fresh if len(fresh) >= n else self._drawn(n + len(self._asked))

    def _drawn(self, n: int) -> list[Individual]:
        drawn = [
            Individual(sketch, row)
            for sketch, share in enumerate(self._shares(n).tolist())
            if share
            for row in self.space.sketches[sketch].problem.sample_array(share, self.rng)
        ]
        return [drawn[p] for p in self.rng.permutation(len(drawn)) if self.is_new(drawn[p])]

    def _shares(self, n: int) -> NDArray[np.int64]:
        """How many of n come from each sketch; without replacement where numpy can."""
        total = float(self._counts.sum())
        if total >= MOST_EXACT:
            return self.rng.multinomial(n, self._counts / total)
        whole = np.ceil(self._counts).astype(np.int64)
        return self.rng.multivariate_hypergeometric(whole, min(n, int(whole.sum())))

    def _count(self, sketch: int) -> float:
        problem = self.space.sketches[sketch].problem
        exact = problem.count()
        if exact is not None:
            return float(exact)
        estimate = max(1.0, problem.estimate_count(np.random.default_rng(0)))
        logger.info("sketch %d has about %.3g solutions", sketch, estimate)
        return estimate
