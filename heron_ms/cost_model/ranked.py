"""A learned model with a rank objective: which of two programs is faster, not by how much."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.labels import SLOWEST
from heron_ms.cost_model.learned import LearnedModel


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
