"""Trees on the measurements of many tasks: several models, each of a part of the tasks.

They are averaged, because a search finds what a single model overrates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import TypeAlias

import numpy as np
import xgboost
from numpy.typing import NDArray

from heron_ms.cost_model.learned import log_ratios

Part: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float64]]
"""Of one task: features, [programs, names], and seconds, [programs], of which some are finite."""

_PARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 5,
    "eta": 0.1,
    "min_child_weight": 4,
    "subsample": 0.8,
    "colsample_bytree": 0.4,
    "nthread": 1,
    "verbosity": 0,
    "seed": 0,
}
_ROUNDS = 200
_MODELS, _SHARE = 4, 0.7
"""Models that are averaged, and the part of the tasks that each is trained on."""
_SLOWEST = -2.0
"""Log-ratio to a task's best beyond which programs are alike: only fast ones are to be ordered."""


def bagged(parts: Sequence[Part]) -> tuple[xgboost.Booster, ...]:
    """Models of ln(best / seconds) within each task."""
    labelled = [(features, _labels(seconds)) for features, seconds in parts]
    return tuple(_trained(some) for some in _bags(labelled))


def average(
    boosters: Sequence[xgboost.Booster], features: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The mean of the models' predictions, float64 [programs]."""
    data = xgboost.DMatrix(features)
    predictions = np.array([booster.predict(data) for booster in boosters], np.float64)
    return np.asarray(predictions.mean(axis=0))


def gains(boosters: Sequence[xgboost.Booster], names: Sequence[str]) -> dict[str, float]:
    """How much better the models fit for each column, by name; of those that are used."""
    totals: dict[str, float] = {}
    for booster in boosters:
        for column, gain in booster.get_score(importance_type="total_gain").items():
            name = names[int(column[1:])]
            totals[name] = totals.get(name, 0.0) + float(str(gain))
    return totals


def _bags(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Random parts of the tasks, the same ones each time; all of them where there are few."""
    rng = np.random.default_rng(0)
    for _ in range(_MODELS):
        chosen = rng.choice(len(parts), ceil(_SHARE * len(parts)), replace=False)
        yield [parts[int(p)] for p in np.sort(chosen)]


def _trained(parts: Sequence[Part]) -> xgboost.Booster:
    labels = np.concatenate([own for _, own in parts])
    # A program counts as much as it is fast: what is slow anywhere teaches little elsewhere.
    columns = np.concatenate([own for own, _ in parts])
    data = xgboost.DMatrix(columns, labels, weight=np.exp(labels))
    return xgboost.train(_PARAMETERS, data, _ROUNDS)


def _labels(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """ln(best / seconds) of one task, float64 [programs], of which some ran."""
    ratios = log_ratios(seconds)
    assert ratios is not None
    return np.maximum(ratios, _SLOWEST)
