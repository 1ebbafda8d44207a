"""CGA-1: the constrained genetic algorithm with random key variables (the paper's ablation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heron_ms.search.cga import ConstrainedGenetic
from heron_ms.search.keys import at_random


class RandomKeys(ConstrainedGenetic):
    """The CGA whose children inherit variables drawn anew each round, not the important ones."""

    def _key_variables(
        self, names: Sequence[str], importance: Mapping[str, float]
    ) -> Sequence[str]:
        return at_random(names, self.preset.key_share, self.rng)
