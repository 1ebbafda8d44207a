"""CSA: simulated annealing over the CSP, on the learned model.

Chains walk over solutions as in AutoTVM (Chen et al., NeurIPS 2018), which is where the paper's
annealing comes from: the energy is the model's prediction, a batch is measured after each walk, and
the chains go on where they were. A move gives one variable (or the sketch) another value and takes
the solution nearest to that, so that no chain ever leaves the constraints.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.hardware import Machine
from heron_ms.search.rivals.chromosomes import Chromosomes
from heron_ms.search.rivals.guided import Guided
from heron_ms.search.search_space import Individual, SearchSpace

CHAINS = 16
"""Few, so that a walk is long: as many scores divided among 64 chains find less."""
HOTTEST = 0.5
"""First temperature of a walk, in standard deviations of the energy of random solutions, as models
differ in their scales. It falls in equal steps to 0."""
DRAWN = 64
"""Random solutions of which the deviation is taken."""


class Annealing(Guided):
    """Simulated annealing on the learned model.

    A walk scores about as many programs as a round of the CGA with the same preset: its
    generations times its population, divided among the chains.
    """

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Without chains."""
        super().begin(space, rng, machine)
        self._chromosomes = Chromosomes(space)
        self._chains: list[Individual] = []

    @property
    def steps(self) -> int:
        """Steps of a walk."""
        return max(1, self.preset.generations * self.preset.population // CHAINS)

    def explore(self) -> list[Individual]:
        """A walk of every chain; all that was tried on it."""
        fresh = self.space.sample(DRAWN, self.rng)
        hottest = HOTTEST * float(self.score(fresh).std())
        chains = self._chains or fresh[:CHAINS]
        energy = -self.score(chains)
        visited = list(chains)
        for temperature in np.linspace(hottest, 0.0, self.steps):
            tried = self._moved(chains)
            visited += tried
            new = -self.score(tried)
            go = accepted(new - energy, float(temperature), self.rng)
            chains = [b if g else a for a, b, g in zip(chains, tried, go.tolist(), strict=True)]
            energy = np.where(go, new, energy)
        self._chains = chains
        return visited

    def _moved(self, chains: list[Individual]) -> list[Individual]:
        """Each chain after a move; where it is where no solution has the new value."""
        genes = self._chromosomes.encoded(chains, self.rng)
        held = np.zeros(genes.shape, bool)
        for number, chain in enumerate(chains):
            open_genes = self._chromosomes.readable(chain.sketch)
            if len(open_genes):
                at = self.rng.choice(open_genes)
                others = self._chromosomes.alphabets[at]
                genes[number, at] = self.rng.choice(others[others != genes[number, at]])
                held[number, at] = True
        reached = self._chromosomes.decoded(genes, self.rng, held)
        return [old if new is None else new for old, new in zip(chains, reached, strict=True)]


def accepted(rise: NDArray[np.float64], temperature: float, rng: Generator) -> NDArray[np.bool_]:
    """Metropolis: always where the energy does not rise, else with exp(-rise / temperature).

    `rise` is float64 [n], of ln seconds.
    """
    if temperature <= 0:
        return rise <= 0
    return rng.random(len(rise)) < np.exp(-np.maximum(rise, 0.0) / temperature)
