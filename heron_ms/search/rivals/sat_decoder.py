"""GA-2: a SAT decoder. A chromosome is what the solver would prefer; it stands for a solution.

(Lukasiewycz et al., CEC 2007.) The genes are the values that the solver tries first, so that every
chromosome is decoded to a solution near it, and there is nothing infeasible to rank. Genes stay as
they are: what they ask for in vain is inherited all the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heron_ms.search.rivals.chromosomes import Genes
from heron_ms.search.rivals.genetic import Genetic, Population
from heron_ms.search.search_space import Individual


class SatDecoder(Genetic):
    """A genetic algorithm whose chromosomes are decoded by the solver."""

    def expressed(self, genes: Genes) -> list[Individual]:
        """The solution nearest to each, as far as the solver's beam search sees."""
        decoded = self._chromosomes.decoded(genes, self.rng)
        # Nothing is held, and every sketch of a space has a solution, so none can be missing.
        return [individual for individual in decoded if individual is not None]

    def ranked(self, population: Population) -> NDArray[np.int64]:
        """Positions, int64 [n], by score."""
        return np.argsort(-population.scores, kind="stable")
