"""The learned cost model: gradient-boosted trees on the variables (Heron's cost model).

What it learns from seconds is how far a program is from the fastest, on a log scale; `RankModel`
learns only which of two programs is faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

SLOWEST = -4.0
"""Log-ratio to the best beyond which all programs are equally uninteresting; failures lie below."""

# Shallow trees that each see part of the columns: a search trains on some hundred rows, of which
# most columns are functions of the others (the benchmark models compares).
_PARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 4,
    "eta": 0.05,
    "min_child_weight": 1,
    "subsample": 0.8,
    "colsample_bytree": 0.25,
    "nthread": 1,
    "verbosity": 0,
}
_ROUNDS = 300
_ROUNDS_ON_MARGIN = 200


class LearnedModel:
    """Predicts ln(best time / time): 0 for the fastest seen, lower for slower and for failures.

    Works on feature matrices; `OnlineModel` is the same on solutions. ``names`` are those of the
    columns; trees are grown in an order that follows from ``seed``.
    """

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._names = list(names)
        self._seed = seed
        self._booster: xgboost.Booster | None = None

    @property
    def is_trained(self) -> bool:
        """Whether there is anything but a guess to be had."""
        return self._booster is not None

    def train(
        self,
        features: NDArray[np.float32],
        seconds: NDArray[np.float64],
        margin: NDArray[np.float64] | None = None,
    ) -> None:
        """Fit on all measurements; infinite seconds are programs that failed.

        features: float32 [programs, names]. margin: float64 [programs], a first guess of the
        labels, which the trees then correct.
        """
        labels = log_ratios(seconds)
        if labels is None:
            return
        data = self._data(features, margin)
        data.set_label(self._targets(labels))
        parameters = {**self._parameters(), "seed": self._seed}
        self._booster = xgboost.train(parameters, data, self._rounds(len(labels), margin))

    def predict(
        self, features: NDArray[np.float32], margin: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Scores, float64 [individuals]; higher is faster. A margin if it was trained on one."""
        if self._booster is None:
            return np.zeros(len(features))
        scores = self._booster.predict(self._data(features, margin))
        return np.asarray(scores, dtype=np.float64)

    def importance(self, kind: str = "weight") -> dict[str, float]:
        """How often the trees split on each variable, by name.

        kind: what is counted, as XGBoost's ``importance_type``: "weight", which is how often, or
        "total_gain", which is how much better the fit is for it.
        """
        if self._booster is None:
            return {}
        counts = self._booster.get_score(importance_type=kind)
        return {self._names[int(column[1:])]: float(str(n)) for column, n in counts.items()}

    def _parameters(self) -> dict[str, Any]:
        return _PARAMETERS

    def _targets(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        """The labels as the objective takes them."""
        return labels

    def _rounds(self, programs: int, margin: NDArray[np.float64] | None) -> int:
        # A good first guess is better than what a few measurements would make of it.
        return _ROUNDS if margin is None else min(programs, _ROUNDS_ON_MARGIN)

    def _data(
        self, features: NDArray[np.float32], margin: NDArray[np.float64] | None
    ) -> xgboost.DMatrix:
        return xgboost.DMatrix(features, base_margin=margin)


class RankModel(LearnedModel):
    """`LearnedModel` under XGBoost's ``rank:pairwise``, all programs in one group.

    On recorded sets it orders held-out programs worse than the regression after as many
    measurements (the benchmark `models`), as pairs lose by how much they differ.
    """

    def _parameters(self) -> dict[str, Any]:
        return {
            **super()._parameters(),
            "objective": "rank:pairwise",
            "lambdarank_pair_method": "mean",
            "lambdarank_num_pair_per_sample": 8,
        }

    def _targets(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        # Relevances must not be negative.
        return labels - (SLOWEST - 1.0)


def log_ratios(seconds: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """ln(best / seconds), float64 [programs], at least `SLOWEST`; failures are 1 below that.

    seconds: float64 [programs], infinite for failures. None where all of them failed.
    """
    works = np.isfinite(seconds)
    if not works.any():
        return None
    labels = np.full(len(seconds), SLOWEST - 1.0)
    labels[works] = np.maximum(np.log(seconds[works].min() / seconds[works]), SLOWEST)
    return labels
