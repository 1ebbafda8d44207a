"""Scores by chance: what a search is worth without a model."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from heron_ms.cost_model.interface import Scores, Sketched, Solution


class RandomModel:
    """A uniform score in [-1, 0) for each solution, always the same one for a seed."""

    is_trained = True

    def __init__(self, sketches: Sequence[Sketched], seed: int) -> None:
        self._seed = seed

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Nothing: there is nothing to learn."""

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """Scores, float64 [solutions]."""
        return np.array([self._score(solution) for solution in solutions], dtype=np.float64)

    def importance(self) -> dict[str, float]:
        """Empty."""
        return {}

    def _score(self, solution: Solution) -> float:
        # A hash, so that a solution keeps its score whatever else is scored with it.
        key = f"{self._seed} {solution.sketch} ".encode() + solution.row.tobytes()
        return int.from_bytes(blake2b(key, digest_size=6).digest(), "big") / 2**48 - 1.0
