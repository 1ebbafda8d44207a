"""The model that a search trains as it measures, on tokens, from what other tasks taught or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.interface import Scores, Sketched, Solution, columns_of
from heron_ms.cost_model.learned import log_ratios
from heron_ms.cost_model.soft import SoftModel
from heron_ms.cost_model.token_features import TokenFeatures
from heron_ms.cost_model.transferred import Transferred, TransferredModel

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
        self._features = TokenFeatures([sketch.problem for sketch in sketches])
        self._transfer = None if transfer is None else TransferredModel(sketches, seed, transfer)
        self._learned = SoftModel(self._features.names, seed, ranked)
        self._scale = (1.0, 0.0)

    @property
    def is_trained(self) -> bool:
        """Whether something that runs was measured, or there is a transferred model."""
        return self._learned.is_trained or self._transfer is not None

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Fit anew on all measurements, float64 [solutions]; infinite seconds are failures."""
        given = self._given(solutions)
        works = np.isfinite(seconds)
        labels = log_ratios(seconds[works])
        if given is not None and labels is not None:
            self._scale = fitted_scale(given[works], labels)
        self._learned.train(self._matrix(solutions), seconds, self._margin(given))

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """ln(best time / time) as expected, plus the log of the probability that it runs."""
        return self._learned.predict(self._matrix(solutions), self._margin(self._given(solutions)))

    def importance(self) -> dict[str, float]:
        """How much the fit is better for each tunable variable's part in the tokens, by name.

        The gain, not the number of splits as in the paper: small trees in large numbers split on
        everything alike once they fit noise.
        """
        if self._transfer is not None and not self._learned.is_trained:
            return self._transfer.importance()
        return self._features.of_variables(self._learned.importance("total_gain"))

    def _matrix(self, solutions: Sequence[Solution]) -> NDArray[np.float32]:
        return self._features.matrix(*columns_of(solutions))

    def _given(self, solutions: Sequence[Solution]) -> Scores | None:
        return None if self._transfer is None else self._transfer.predict(solutions)

    def _margin(self, given: Scores | None) -> Scores | None:
        slope, intercept = self._scale
        return None if given is None else slope * given + intercept


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
