"""The constrained genetic algorithm: evolution of constraint problems (Heron's CGA)."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.cost_model import LearnedModel
from heron_ms.csp import Constraint
from heron_ms.hardware import Machine
from heron_ms.mutators import crossover, mutate
from heron_ms.search.base import ConstrainedSearch
from heron_ms.search.explorer import Explorer, distinct
from heron_ms.search.presets import Preset, preset_of
from heron_ms.search.selection import epsilon_greedy, roulette
from heron_ms.search.space import Individual, SearchSpace
from heron_ms.search.start import DRAWN, ranked_start


class ConstrainedGenetic(Explorer):
    """The CGA as an explorer; ``preset`` is one of `PRESETS` by name, or hyper-parameters."""

    def __init__(self, preset: str | Preset = "default") -> None:
        super().__init__()
        self.preset = preset_of(preset)
        self.model = LearnedModel([], 0)
        self._population: list[Individual] = []

    def clone(self) -> ConstrainedGenetic:
        """With the same preset."""
        return type(self)(self.preset)

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Without a model and a population."""
        super().begin(space, rng, machine)
        self.model = LearnedModel([], 0)
        self._population = []

    @property
    def batch(self) -> int:
        """As the preset says."""
        return self.preset.batch

    def learn(self) -> None:
        """Train the model on all that was measured, failures included."""
        measured = list(self.measured.values())
        self.model = LearnedModel(self.space.features.names, int(self.rng.integers(2**31)))
        features = self.space.matrix([each for each, _ in measured])
        self.model.train(features, np.array([seconds for _, seconds in measured]))

    def propose(self, n: int) -> list[Individual]:
        """A start while there is no model; then a few generations and an epsilon-greedy choice."""
        if not self.model.is_trained:
            return self._unlearned(n)
        population = self._start()
        for _ in range(self.preset.generations):
            population = self._evolve(population)
        self._population = population
        fresh = [each for each in population if self.is_new(each)]
        fresh += [each for each in self.space.sample(n, self.rng) if self.is_new(each)]
        if not fresh:
            return []
        chosen = epsilon_greedy(self._score(fresh), n, self.preset.greedy, self.rng)
        return [fresh[p] for p in chosen]

    def _unlearned(self, n: int) -> list[Individual]:
        """RandSAT, a share of it chosen by the analytic model."""
        if not self.preset.prior_share or self.machine is None:
            return self.space.sample(2 * n, self.rng)
        drawn = [each for each in self.space.sample(DRAWN * n, self.rng) if self.is_new(each)]
        return ranked_start(self.space, drawn, n, self.preset.prior_share, self.machine)

    def _start(self) -> list[Individual]:
        """The best of the last population, of what was measured, and of fresh samples."""
        best = self.fastest(self.preset.measured)
        sampled = self.space.sample(self.preset.population, self.rng)
        pool = distinct([*self._population, *best, *sampled])
        return self._best(pool, self.preset.population)

    def _evolve(self, population: list[Individual]) -> list[Individual]:
        """One generation: parents by roulette, a child of each pair's CSP, elites kept."""
        scores = self._score(population)
        parents = [population[p] for p in roulette(scores, self.preset.parents, self.rng)]
        children = self._breed(parents)
        elites = self._best(population, self.preset.elites)
        return self._best(distinct([*elites, *children, *parents]), self.preset.population)

    def _breed(self, parents: list[Individual]) -> list[Individual]:
        """RandSAT of each offspring CSP, all of one sketch together."""
        children: list[Individual] = []
        for index, sketch in enumerate(self.space.sketches):
            family = [each for each in parents if each.sketch == index]
            share = round(self.preset.population * len(family) / len(parents))
            if family and share:
                offspring = [self._offspring(family, sketch.problem.names) for _ in range(share)]
                rows = sketch.problem.sample_each(self.rng, offspring)
                children += [Individual(index, row) for row in rows if row is not None]
        return children

    def _offspring(self, family: list[Individual], names: tuple[str, ...]) -> list[Constraint]:
        """The constraints that two random parents add (crossover, then mutation)."""
        pair = self.rng.integers(len(family), size=2)
        first, second = (self.space.assignment(family[p]) for p in pair)
        return list(mutate(crossover(first, second, self._keys(names)), self.rng))

    def _keys(self, names: tuple[str, ...]) -> list[str]:
        """The key variables: those that the model splits on most."""
        importance = self.model.importance()
        known = sorted((n for n in names if n in importance), key=lambda n: -importance[n])
        return known[: max(2, ceil(self.preset.key_share * len(names)))]

    def _best(self, individuals: list[Individual], n: int) -> list[Individual]:
        order = np.argsort(-self._score(individuals), kind="stable")[:n]
        return [individuals[p] for p in order]

    def _score(self, individuals: list[Individual]) -> NDArray[np.float64]:
        return self.model.predict(self.space.matrix(individuals))


def ConstrainedGeneticSearch(preset: str | Preset = "default") -> Any:  # noqa: N802
    """Heron's search as a MetaSchedule strategy; named like the classes that stand in its place.

    Raises ValueError for a preset that there is none of.
    """
    return ConstrainedSearch(ConstrainedGenetic(preset))
