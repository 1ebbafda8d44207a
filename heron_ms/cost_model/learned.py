"""The learned cost model: gradient-boosted trees on the variables (Heron's cost model)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xgboost
from numpy.typing import NDArray

SLOWEST = -4.0
"""Log-ratio to the best beyond which all programs are equally uninteresting; failures lie below."""

_PARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 6,
    "eta": 0.2,
    "min_child_weight": 1,
    "subsample": 0.9,
    "colsample_bytree": 0.7,
    "nthread": 1,
    "verbosity": 0,
}
_ROUNDS = 60


class LearnedModel:
    """Predicts ln(best time / time): 0 for the fastest seen, lower for slower and for failures."""

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._names = list(names)
        self._seed = seed
        self._booster: xgboost.Booster | None = None

    @property
    def is_trained(self) -> bool:
        """Whether there is anything but a guess to be had."""
        return self._booster is not None

    def train(self, features: NDArray[np.float32], seconds: NDArray[np.float64]) -> None:
        """Fit on all measurements; infinite seconds are programs that failed."""
        best = float(np.min(seconds))
        if not np.isfinite(best):
            return
        works = np.isfinite(seconds)
        labels = np.full(len(seconds), SLOWEST - 1.0)
        labels[works] = np.maximum(np.log(best / seconds[works]), SLOWEST)
        data = xgboost.DMatrix(features, labels)
        parameters = {**_PARAMETERS, "seed": self._seed}
        self._booster = xgboost.train(parameters, data, num_boost_round=_ROUNDS)

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores, float64 [individuals]; higher is faster."""
        if self._booster is None:
            return np.zeros(len(features))
        scores = self._booster.predict(xgboost.DMatrix(features))
        return np.asarray(scores, dtype=np.float64)

    def importance(self) -> dict[str, float]:
        """How often the trees split on each variable, by name."""
        if self._booster is None:
            return {}
        splits = self._booster.get_score(importance_type="weight")
        return {self._names[int(column[1:])]: float(str(n)) for column, n in splits.items()}
