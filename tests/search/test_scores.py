"""What the model is asked between two trainings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms.cost_model import OnlineModel
from heron_ms.cost_model.interface import Scores, Solution
from heron_ms.search.cga import ConstrainedGenetic


class Counting(OnlineModel):
    """Notes what it is asked since it was trained."""

    def __init__(self, sketches: Sequence[Any], seed: int) -> None:
        super().__init__(sketches, seed)
        self.asked: list[tuple[int, bytes]] = []

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        super().train(solutions, seconds)
        self.asked.clear()

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        self.asked += [(solution.sketch, solution.row.tobytes()) for solution in solutions]
        return super().predict(solutions)


def test_nobody_is_scored_twice_and_training_changes_scores(packed_space: Any) -> None:
    search = ConstrainedGenetic("quick", Counting)
    search.begin(packed_space, np.random.default_rng(0))
    batches = [search.ask(16)]
    for slower in (1.0, -1.0):
        search.tell(batches[-1], np.exp(slower * np.arange(16.0)) * 1e-4)
        batches.append(search.ask(16))
        asked = search.model.asked  # type: ignore[attr-defined]
        assert len(asked) == len(set(asked)) > 0
        scores = search.score(batches[0])
        assert scores.tolist() == search.model.predict(batches[0]).tolist()
    assert all(batches)
