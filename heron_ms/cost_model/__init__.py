"""Scores of assignments: features are the CSP's own variables, so nothing is lowered to predict."""

from heron_ms.cost_model.features import Features
from heron_ms.cost_model.learned import LearnedModel

__all__ = ["Features", "LearnedModel"]
