"""Speed where programs run, times the chance that they do: failures count as a soft factor."""

from __future__ import annotations

import numpy as np
import xgboost
from numpy.typing import NDArray

from heron_ms.cost_model.interface import Scores
from heron_ms.cost_model.learned import LearnedModel, RankModel

_PARAMETERS = {
    "objective": "binary:logistic",
    "max_depth": 3,
    "eta": 0.2,
    "min_child_weight": 0.2,  # the hessian of a sure prediction is small, failures are few
    "subsample": 1.0,
    "colsample_bytree": 0.5,
    "nthread": 1,
    "verbosity": 0,
}
_ROUNDS = 50
LEAST = 0.01
"""No program is held for impossible: what is learned from few failures may be wrong."""


class Feasibility:
    """Probabilities, 1 for every program until both a success and a failure were seen.

    The constraints keep out what is known to fail; this is for what they do not know.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._booster: xgboost.Booster | None = None

    @property
    def is_trained(self) -> bool:
        """Whether both kinds were seen."""
        return self._booster is not None

    def train(self, features: NDArray[np.float32], seconds: NDArray[np.float64]) -> None:
        """Fit on all measurements, float32 [programs, columns]; infinite seconds are failures."""
        works = np.isfinite(seconds)
        if works.all() or not works.any():
            self._booster = None
            return
        data = xgboost.DMatrix(features, works.astype(np.float64))
        share = float(works.mean())
        parameters = {**_PARAMETERS, "base_score": share, "seed": self._seed}
        self._booster = xgboost.train(parameters, data, _ROUNDS)

    def probability(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of building and running, float64 [programs], from `LEAST` to 1."""
        if self._booster is None:
            return np.ones(len(features))
        chance = self._booster.predict(xgboost.DMatrix(features))
        return np.clip(np.asarray(chance, dtype=np.float64), LEAST, 1.0)


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
