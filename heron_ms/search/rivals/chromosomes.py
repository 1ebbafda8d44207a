"""Individuals as plain vectors of decisions, which know nothing of constraints.

Gene 0 is the number of the sketch; the others are the free variables of all sketches, those of one
name being one gene. A sketch reads its own genes and leaves the rest silent. Most vectors are no
solutions: they can be written out as they are, or decoded to a solution nearby.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp import nearest_each
from heron_ms.search.search_space import Individual, SearchSpace

Genes = NDArray[np.int64]
"""int64 [n, 1 + free variables of all sketches]."""


class Chromosomes:
    """The encoding of a search space."""

    def __init__(self, space: SearchSpace) -> None:
        self._decisions = space.decisions
        names = list(
            dict.fromkeys(name for decisions in self._decisions for name in decisions.names)
        )
        place = {name: gene for gene, name in enumerate(names, 1)}
        self._genes = [np.array([place[n] for n in d.names], np.int64) for d in self._decisions]
        values = [[d.values[n] for d in self._decisions if n in d.values] for n in names]
        sketches = np.arange(len(space.sketches))
        self.alphabets: list[Genes] = [sketches, *(np.unique(np.concatenate(v)) for v in values)]
        """The values of each gene, ascending."""

    def encoded(self, individuals: Sequence[Individual], rng: Generator) -> Genes:
        """The genes of individuals; silent ones are drawn at random."""
        genes = np.stack(
            [rng.choice(alphabet, len(individuals)) for alphabet in self.alphabets], axis=1
        )
        genes[:, 0] = [individual.sketch for individual in individuals]
        for sketch, members in self._families(genes):
            rows = np.stack([individuals[m].row for m in members])
            free = rows[:, self._decisions[sketch].positions]
            genes[np.ix_(members, self._genes[sketch])] = free
        return genes

    def written_out(self, genes: Genes) -> list[Individual]:
        """The individuals as the genes say, solutions or not."""
        expressed: dict[int, Individual] = {}
        for sketch, members in self._families(genes):
            vectors = genes[np.ix_(members, self._genes[sketch])]
            rows = self._decisions[sketch].extended(vectors)
            expressed.update((m, Individual(sketch, r)) for m, r in zip(members, rows, strict=True))
        return [expressed[member] for member in range(len(genes))]

    def decoded(
        self, genes: Genes, rng: Generator, held: NDArray[np.bool_] | None = None
    ) -> list[Individual | None]:
        """A solution near each, equal to it in the genes that are held: bool, as `genes`.

        None where no solution of the sketch has them.
        """
        held = np.zeros(genes.shape, bool) if held is None else held
        solved: dict[int, Individual] = {}
        for sketch, members in self._families(genes):
            part = np.ix_(members, self._genes[sketch])
            rows = nearest_each(self._decisions[sketch], genes[part], held[part], rng)
            pairs = zip(members.tolist(), rows, strict=True)
            solved.update((m, Individual(sketch, r)) for m, r in pairs if r is not None)
        return [solved.get(member) for member in range(len(genes))]

    def violations(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """By how much each check of its sketch is violated: float64 [n, most checks], 0: not."""
        width = max(len(decisions.checks) for decisions in self._decisions)
        amounts = np.zeros((len(individuals), width))
        sketches = np.array([individual.sketch for individual in individuals], np.int64)
        for sketch, members in self._families(sketches[:, None]):
            rows = np.stack([individuals[m].row for m in members])
            checked = self._decisions[sketch].violations(rows)
            amounts[members, : checked.shape[1]] = checked
        return amounts

    def readable(self, sketch: int) -> Genes:
        """The genes that change what a sketch is: its own that have a choice, and gene 0."""
        genes = np.append(self._genes[sketch], 0)
        return genes[[len(self.alphabets[gene]) > 1 for gene in genes]]

    def _families(self, genes: Genes) -> Iterator[tuple[int, Genes]]:
        """The positions of each sketch's members."""
        for sketch in np.unique(genes[:, 0]).tolist():
            yield sketch, np.flatnonzero(genes[:, 0] == sketch)
