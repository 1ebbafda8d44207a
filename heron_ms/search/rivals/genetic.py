"""A genetic algorithm on plain vectors of decisions: what the paper's GA-1, GA-2 and GA-3 share.

Its crossover and mutation ask no constraint, so that what they make has to be handled afterwards:
ordered by violation, decoded, or kept as a share of the population. Only solutions that it comes
by are measured, for nothing else is a program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.hardware import Machine
from heron_ms.search.rivals.chromosomes import Chromosomes, Genes
from heron_ms.search.rivals.guided import Guided
from heron_ms.search.search_space import Individual, SearchSpace


@dataclass(frozen=True)
class Population:
    """Chromosomes, what they stand for, and how good and how feasible that is.

    `genes` is int64 [n, genes], `scores` float64 [n], `violations` float64 [n, checks].
    """

    genes: Genes
    individuals: tuple[Individual, ...]
    scores: NDArray[np.float64]
    violations: NDArray[np.float64]

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Which are solutions: bool [n]."""
        solved: NDArray[np.bool_] = np.count_nonzero(self.violations, axis=1) == 0
        return solved

    def solutions(self) -> list[Individual]:
        """The feasible ones."""
        return [self.individuals[p] for p in np.flatnonzero(self.feasible)]

    def at(self, index: NDArray[np.int64]) -> Population:
        """Some of it, in this order."""
        chosen = tuple(self.individuals[p] for p in index)
        return Population(self.genes[index], chosen, self.scores[index], self.violations[index])


class Genetic(Guided):
    """The genetic algorithm; a leaf says what a chromosome stands for and who is better."""

    _last: Genes | None

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Without a population."""
        super().begin(space, rng, machine)
        self._chromosomes = Chromosomes(space)
        self._last = None

    def expressed(self, genes: Genes) -> list[Individual]:
        """What chromosomes stand for: as they are, unless a leaf decodes them."""
        return self._chromosomes.written_out(genes)

    def ranked(self, population: Population) -> NDArray[np.int64]:
        """Positions, best first; float64 scores are higher for the better."""
        raise NotImplementedError

    def explore(self) -> list[Individual]:
        """A few generations; all solutions that came up."""
        population = self._evaluated(self._start())
        visited = population.solutions()
        for _ in range(self.preset.generations):
            population = population.at(self.ranked(population)[: self.preset.population])
            self._last = population.genes
            children = self._evaluated(self._bred(population.genes))
            visited += children.solutions()
            population = merged(population, children)
        return visited

    def _start(self) -> Genes:
        """The last population, the best measured, and fresh solutions."""
        size = self.preset.population
        founders = [*self.fastest(self.preset.measured), *self.space.sample(size, self.rng)]
        genes = self._chromosomes.encoded(founders, self.rng)
        return genes if self._last is None else np.concatenate([self._last, genes])

    def _bred(self, genes: Genes) -> Genes:
        """As many children as a population has, of parents that won a tournament by rank."""
        first, second = (
            genes[tournament(len(genes), self.preset.population, self.rng)] for _ in range(2)
        )
        children = one_point(first, second, self.rng)
        return redraw(children, self._chromosomes.alphabets, self.rng)

    def _evaluated(self, genes: Genes) -> Population:
        individuals = self.expressed(genes)
        violations = self._chromosomes.violations(individuals)
        return Population(genes, tuple(individuals), self.score(individuals), violations)


def merged(first: Population, second: Population) -> Population:
    """Both, each chromosome once."""
    every = Population(
        np.concatenate([first.genes, second.genes]),
        (*first.individuals, *second.individuals),
        np.concatenate([first.scores, second.scores]),
        np.concatenate([first.violations, second.violations]),
    )
    places: dict[bytes, int] = {}
    for place, row in enumerate(every.genes):
        places.setdefault(row.tobytes(), place)
    return every.at(np.array(list(places.values())))


def one_point(first: Genes, second: Genes, rng: Generator) -> Genes:
    """Children, int64 [n, genes]: the first parent up to a random cut, the second from there."""
    n, width = first.shape
    cuts = rng.integers(1, max(2, width), size=n)
    return np.where(np.arange(width) < cuts[:, None], first, second)


def redraw(genes: Genes, alphabets: Sequence[Genes], rng: Generator) -> Genes:
    """A copy in which each gene is drawn again from its values: one a chromosome on average."""
    drawn = np.stack([rng.choice(values, len(genes)) for values in alphabets], axis=1)
    return np.where(rng.random(genes.shape) < 1.0 / genes.shape[1], drawn, genes)


def tournament(size: int, n: int, rng: Generator) -> NDArray[np.int64]:
    """Positions of n parents in a ranking of `size`, best first: the better of two at random."""
    drawn: NDArray[np.int64] = rng.integers(size, size=(n, 2)).min(axis=1)
    return drawn
