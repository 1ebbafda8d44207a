"""Scores of assignments: features come from the CSP's own variables, so nothing is lowered.

`OnlineModel` is what the default search trains, and may start from what other tasks taught
(`Transferred`); `VariableModel` is the paper's. `LearnedModel` and `RankModel` work on feature
matrices.
"""

from heron_ms.cost_model.features import Features
from heron_ms.cost_model.interface import CostModel, ModelFactory, Sketched, Solution
from heron_ms.cost_model.learned import LearnedModel, RankModel
from heron_ms.cost_model.online import OnlineModel
from heron_ms.cost_model.random_model import RandomModel
from heron_ms.cost_model.soft import Feasibility
from heron_ms.cost_model.token_features import TokenFeatures
from heron_ms.cost_model.transferred import Transferred, TransferredModel
from heron_ms.cost_model.variables import VariableModel
from heron_ms.errors import TransferError

__all__ = [
    "CostModel",
    "Feasibility",
    "Features",
    "LearnedModel",
    "ModelFactory",
    "OnlineModel",
    "RandomModel",
    "RankModel",
    "Sketched",
    "Solution",
    "TokenFeatures",
    "TransferError",
    "Transferred",
    "TransferredModel",
    "VariableModel",
]
