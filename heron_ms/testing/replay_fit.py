"""The trees behind a surrogate, and how far they are off on what they were not fitted to.

They predict y = ln(seconds / fastest - 1 + `SLACK`), where `fastest` is the least that was
measured: no prediction lies more than `SLACK` below it. Trees on ln(seconds) add up effects that
do not add up: their best points are a fifth faster than the peak of the instruction, and a search
on them would chase what does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xgboost
from numpy.typing import NDArray

FOLDS = 5
ROUNDS = 600
PARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 6,
    "eta": 0.08,
    "min_child_weight": 3,
    "subsample": 0.8,
    "colsample_bytree": 0.6,
    "nthread": 1,
    "seed": 0,
    "verbosity": 0,
}

SLACK = 0.1
"""Share of the fastest by which a prediction may be faster. Less follows the measurements near the
best more closely but makes many points there nearly equal, which are not."""

Features = NDArray[np.float32]
Seconds = NDArray[np.float64]


@dataclass(frozen=True)
class FitError:
    """How far predictions are off on measurements left out of the fit.

    r2: share of the variance of ln(seconds) that is explained. rank_correlation: Spearman's.
    relative: the median of |predicted - measured| / measured.
    """

    r2: float
    rank_correlation: float
    relative: float

    def __str__(self) -> str:
        return (
            f"R2 {self.r2:.3f}, rank correlation {self.rank_correlation:.3f}, "
            f"median relative error {100 * self.relative:.1f} %"
        )


@dataclass(frozen=True)
class Fitted:
    """Trees, and the least of the seconds that they were fitted to."""

    booster: xgboost.Booster
    fastest: float

    def seconds(self, features: Features) -> Seconds:
        """Predictions, float64 [rows], of features float32 [rows, columns]."""
        raw = np.asarray(self.booster.predict(xgboost.DMatrix(features)), np.float64)
        return self.fastest * (1.0 - SLACK + np.exp(raw))


def fit(features: Features, seconds: Seconds) -> Fitted:
    """Fit to features float32 [rows, columns] and seconds float64 [rows]; always the same."""
    fastest = float(np.min(seconds))
    labels = np.log(seconds / fastest - 1.0 + SLACK)
    data = xgboost.DMatrix(features, labels)
    return Fitted(xgboost.train(PARAMETERS, data, num_boost_round=ROUNDS), fastest)


def cross_validated(features: Features, seconds: Seconds, folds: int = FOLDS) -> FitError:
    """The error of predictions for each fold by a fit to the others."""
    part = np.random.default_rng(0).permutation(len(seconds)) % folds
    predicted = np.empty(len(seconds))
    for fold in range(folds):
        out = part == fold
        predicted[out] = fit(features[~out], seconds[~out]).seconds(features[out])
    return error_of(predicted, seconds)


def error_of(predicted: Seconds, measured: Seconds) -> FitError:
    """The error of predictions, both float64 [rows]."""
    logs = np.log(measured)
    residual = float(np.sum((np.log(predicted) - logs) ** 2))
    total = float(np.sum((logs - logs.mean()) ** 2))
    ranks = np.corrcoef(_ranks(predicted), _ranks(measured))[0, 1]
    relative = np.median(np.abs(predicted / measured - 1.0))
    return FitError(1.0 - residual / total, float(ranks), float(relative))


def _ranks(values: Seconds) -> Seconds:
    """Ranks, those of ties averaged."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
