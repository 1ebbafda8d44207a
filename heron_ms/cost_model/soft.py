"""Speed where programs run, times the chance that they do: failures count as a soft factor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.base import Scores
from heron_ms.cost_model.feasibility import Feasibility
from heron_ms.cost_model.learned import LearnedModel
from heron_ms.cost_model.ranked import RankModel


class SoftModel:
    """`LearnedModel` of the programs that ran, and `Feasibility` of all.

    Works on feature matrices, float32 [programs, names]; ``ranked`` takes `RankModel` instead. A
    margin, float64 [programs], is a first guess of the labels that the trees correct.
    """

    def __init__(self, names: list[str], seed: int, ranked: bool = False) -> None:
        self._learned = (RankModel if ranked else LearnedModel)(names, seed)
        self._feasibility = Feasibility(seed)

    @property
    def is_trained(self) -> bool:
        """Whether something that runs was measured."""
        return self._learned.is_trained

    def train(
        self, features: NDArray[np.float32], seconds: Scores, margin: Scores | None = None
    ) -> None:
        """Fit anew on all measurements; infinite seconds are failures."""
        self._feasibility.train(features, seconds)
        works = np.isfinite(seconds)
        guess = None if margin is None else margin[works]
        self._learned.train(features[works], seconds[works], guess)

    def predict(self, features: NDArray[np.float32], margin: Scores | None = None) -> Scores:
        """ln(best time / time) as expected, plus the log of the chance; the margin until trained.

        float64 [programs].
        """
        chance = np.log(self._feasibility.probability(features))
        if margin is not None and not self.is_trained:
            return margin + chance
        return self._learned.predict(features, margin) + chance

    def importance(self, kind: str = "weight") -> dict[str, float]:
        """As `LearnedModel.importance`."""
        return self._learned.importance(kind)
