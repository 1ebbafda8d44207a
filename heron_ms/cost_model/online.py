"""The model that a search trains as it measures, on tokens, from what other tasks taught or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.base import Scores, Sketched, Solution, columns_of
from heron_ms.cost_model.feasibility import Feasibility
from heron_ms.cost_model.labels import log_ratios
from heron_ms.cost_model.learned import LearnedModel
from heron_ms.cost_model.ranked import RankModel
from heron_ms.cost_model.token_features import TokenFeatures
from heron_ms.cost_model.transferred import Transferred
from heron_ms.cost_model.transferred_model import TransferredModel

CONFIDENCE = 2.0
"""How much the scale of a transferred score counts before it is fitted to measurements: like this
many measurements of the task itself for each one."""


class OnlineModel:
    """Trees on tokens, times the probability of building and running.

    With ``transfer`` it is trained from the start: its scores are the transferred ones until there
    are measurements, and then the margin that the trees correct. ``ranked`` takes the rank
    objective instead of the regression.
    """

    def __init__(
        self,
        sketches: Sequence[Sketched],
        seed: int,
        transfer: Transferred | None = None,
        ranked: bool = False,
    ) -> None:
        self._features = TokenFeatures([each.problem for each in sketches])
        self._transfer = None if transfer is None else TransferredModel(sketches, seed, transfer)
        learned = RankModel if ranked else LearnedModel
        self._learned = learned(self._features.names, seed)
        self._feasibility = Feasibility(seed)
        self._scale = (1.0, 0.0)

    @property
    def is_trained(self) -> bool:
        """Whether something that runs was measured, or there is a transferred model."""
        return self._learned.is_trained or self._transfer is not None

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Fit anew on all measurements, float64 [solutions]; infinite seconds are failures."""
        features = self._features.matrix(*columns_of(solutions))
        self._feasibility.train(features, seconds)
        works = np.flatnonzero(np.isfinite(seconds))
        labels = log_ratios(seconds[works])
        if labels is None:
            return
        margin = None
        if self._transfer is not None:
            given = self._transfer.predict([solutions[int(p)] for p in works])
            self._scale = fitted_scale(given, labels)
            margin = self._margin(given)
        self._learned.train(features[works], seconds[works], margin)

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """ln(best time / time) as expected, plus the log of the probability that it runs."""
        features = self._features.matrix(*columns_of(solutions))
        given = None if self._transfer is None else self._transfer.predict(solutions)
        chance = np.log(self._feasibility.probability(features))
        if given is not None and not self._learned.is_trained:
            return given + chance
        margin = None if given is None else self._margin(given)
        return self._learned.predict(features, margin) + chance

    def importance(self) -> dict[str, float]:
        """How much the fit is better for each tunable variable's part in the tokens, by name.

        The gain, not the number of splits as in the paper: small trees in large numbers split on
        everything alike once they fit noise.
        """
        if self._transfer is not None and not self._learned.is_trained:
            return self._transfer.importance()
        return self._features.of_variables(self._learned.importance("total_gain"))

    def _margin(self, given: Scores) -> Scores:
        slope, intercept = self._scale
        return slope * given + intercept


def fitted_scale(given: NDArray[np.float64], labels: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept that bring scores of another model to labels, both float64 [programs].

    Least squares, with the slope drawn towards 1 (`CONFIDENCE`) and never below a fifth.
    """
    centred, wanted = given - given.mean(), labels - labels.mean()
    prior = CONFIDENCE * float(centred.var())
    slope = 1.0
    if prior:
        slope = (float(centred @ wanted) + prior) / (float(centred @ centred) + prior)
    slope = min(max(slope, 0.2), 3.0)
    return slope, float(labels.mean() - slope * given.mean())
