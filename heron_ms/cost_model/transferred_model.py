"""A transferred model as the cost model of a space, alone."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.cost_model.aligned import aligned
from heron_ms.cost_model.bagged import average, gains
from heron_ms.cost_model.base import Scores, Sketched, Solution, columns_of
from heron_ms.cost_model.token_features import TokenFeatures
from heron_ms.cost_model.transferred import Transferred


class TransferredModel:
    """A transferred model on one space, as a `CostModel` that measurements do not change."""

    is_trained = True

    def __init__(self, sketches: Sequence[Sketched], seed: int, transfer: Transferred) -> None:
        self._features = TokenFeatures([each.problem for each in sketches])
        self._transfer = transfer

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Nothing: what was measured of this task is left out of account."""

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """Expected ln(best time / time), float64 [solutions]."""
        transfer = self._transfer
        features = aligned(self._features, transfer.names, *columns_of(solutions))
        return average(transfer.boosters, features)

    def importance(self) -> dict[str, float]:
        """How much the fit is better for each tunable variable's part in the tokens, by name."""
        return self._features.of_variables(gains(self._transfer.boosters, self._transfer.names))
