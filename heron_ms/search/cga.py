"""The constrained genetic algorithm: evolution of constraint problems (Heron's CGA)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from heron_ms.cost_model import ModelFactory, OnlineModel
from heron_ms.hardware import Machine
from heron_ms.presets import Preset
from heron_ms.search.explorer import distinct
from heron_ms.search.keys import key_variables
from heron_ms.search.modelled import Modelled
from heron_ms.search.offspring import breed
from heron_ms.search.polish import Neighbourhood
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.search.selection import epsilon_greedy, roulette
from heron_ms.search.start import DRAWN, ranked_start, sieved_sample
from heron_ms.search.strategy import ConstrainedSearch


class ConstrainedGenetic(Modelled):
    """The CGA as an explorer."""

    def __init__(self, preset: str | Preset = "default", model: ModelFactory = OnlineModel) -> None:
        super().__init__(preset, model)

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Without a population."""
        super().begin(space, rng, machine)
        self._population: list[Individual] = []
        self._neighbourhood = Neighbourhood(space)
        self._choose_keys()

    def learn(self) -> None:
        """Train the model, and choose the key variables by it."""
        super().learn()
        self._choose_keys()

    def _choose_keys(self) -> None:
        importance, names = self.model.importance(), [s.problem.names for s in self.space.sketches]
        self._keys = [
            key_variables(variables, importance, self.preset, self.rng) for variables in names
        ]

    def propose(self, n: int) -> list[Individual]:
        """A start while there is no model; then a few generations and an epsilon-greedy choice."""
        if not self.model.is_trained:
            return self._unlearned(n)
        self._population = self._start()
        for _ in range(self.preset.generations):
            self._population = self._evolve(self._population)
        return self._infill(n)

    def _unlearned(self, n: int) -> list[Individual]:
        """RandSAT, a share of it chosen by the analytic model."""
        if not self.preset.prior_share or self.machine is None:
            return self.space.sample(2 * n, self.rng)
        drawn = [
            individual
            for individual in sieved_sample(self.space, DRAWN * n, self.rng, self.machine)
            if self.is_new(individual)
        ]
        return ranked_start(self.space, drawn, n, self.preset.prior_share, self.machine)

    def _start(self) -> list[Individual]:
        """The best of the last population, of what was measured, and of fresh samples."""
        best = self.fastest(self.preset.measured)
        sampled = self.space.sample(self.preset.population, self.rng)
        return self._fittest([*self._population, *best, *sampled], self.preset.population)

    def _evolve(self, population: list[Individual]) -> list[Individual]:
        """One generation of what is in order of score: parents by roulette, children, an elite."""
        parents = [
            population[p] for p in roulette(self.score(population), self.preset.parents, self.rng)
        ]
        children = breed(self.space, parents, self.preset.population, self._keys, self.rng)
        elites = population[: self.preset.elites]
        return self._fittest([*elites, *children, *parents], self.preset.population)

    def _infill(self, n: int) -> list[Individual]:
        """Who is measured: neighbours of the best, then of the population, best predicted first."""
        polished = self._polished(round(n * self.preset.polish))
        taken = {individual.key for individual in polished}
        sampled = self.space.sample(n, self.rng)
        fresh = [
            individual
            for individual in distinct([*self._population, *sampled])
            if self.is_new(individual) and individual.key not in taken
        ]
        if not fresh:
            return polished
        wanted = n - len(polished)
        chosen = epsilon_greedy(self.score(fresh), wanted, self.preset.greedy, self.rng)
        return [*polished, *(fresh[p] for p in chosen)]

    def _polished(self, n: int) -> list[Individual]:
        """The n best predicted of the neighbours of the best measured that are new."""
        if not n:
            return []
        near = self._neighbourhood.of(self.fastest(self.preset.incumbents), self.rng)
        fresh = [neighbour for neighbour in near if self.is_new(neighbour)]
        return self._fittest(fresh, n) if fresh else []

    def _fittest(self, individuals: list[Individual], n: int) -> list[Individual]:
        """Survival: the n distinct ones that the model likes best."""
        pool = distinct(individuals)
        order = np.argsort(-self.score(pool), kind="stable")[:n]
        return [pool[p] for p in order]


def ConstrainedGeneticSearch(
    preset: str | Preset = "default", model: ModelFactory = OnlineModel
) -> Any:
    """Heron's search as a MetaSchedule strategy; named like the classes that stand in its place.

    Raises ValueError for a preset that there is none of.
    """
    return ConstrainedSearch(ConstrainedGenetic(preset, model))
