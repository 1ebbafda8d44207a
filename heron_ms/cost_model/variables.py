"""The paper's model: trees on the values of all variables of the CSP, retrained every round."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.cost_model.features import Features
from heron_ms.cost_model.interface import Scores, Sketched, Solution, columns_of
from heron_ms.cost_model.soft import SoftModel


class VariableModel:
    """`SoftModel` on `Features`, as a `CostModel`.

    Sketches share only what has the same name in both; `OnlineModel` shares what means the same.
    """

    def __init__(self, sketches: Sequence[Sketched], seed: int) -> None:
        self._features = Features([sketch.problem for sketch in sketches])
        self._learned = SoftModel(self._features.names, seed)

    @property
    def is_trained(self) -> bool:
        """Whether something that runs was measured."""
        return self._learned.is_trained

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Fit anew on all measurements, float64 [solutions]; infinite seconds are failures."""
        self._learned.train(self._features.matrix(*columns_of(solutions)), seconds)

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """ln(best time / time) as expected, plus the log of the chance that it runs.

        float64 [solutions].
        """
        return self._learned.predict(self._features.matrix(*columns_of(solutions)))

    def importance(self) -> dict[str, float]:
        """How often the trees split on each variable, by name."""
        return self._learned.importance()
