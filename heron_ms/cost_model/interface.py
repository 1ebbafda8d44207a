"""What every cost model answers: scores of solutions, learnt from their seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Problem

if TYPE_CHECKING:  # which imports TVM, that only a model of MetaSchedule's needs
    from heron_ms.constraints import ConstrainedSketch

Scores = NDArray[np.float64]


class Solution(Protocol):
    """One assignment of one sketch, as `heron_ms.search.search_space.Individual`."""

    @property
    def sketch(self) -> int:
        """The number of its sketch."""

    @property
    def row(self) -> NDArray[np.int64]:
        """int64 [variables], in the order of its problem's names."""


class Sketched(Protocol):
    """What a model needs to know of a sketch, as `heron_ms.constraints.ConstrainedSketch`."""

    @property
    def problem(self) -> Problem:
        """Its CSP."""


class CostModel(Protocol):
    """Scores of the solutions of one space: higher is faster.

    Until `is_trained`, scores say nothing, and a search does without them. Scores of two models
    are not comparable; those of one are about ln(best time / time), but only their order is
    promised.
    """

    @property
    def is_trained(self) -> bool:
        """Whether there is anything but a guess to be had."""

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Fit on all measurements so far, float64 [solutions]; infinite ones are failures."""

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """Scores, float64 [solutions]."""

    def importance(self) -> dict[str, float]:
        """How much the model goes by each variable, by name; empty while there is none."""


class ModelFactory(Protocol):
    """Makes a model of a space, before anything is measured."""

    def __call__(self, sketches: Sequence[ConstrainedSketch], seed: int) -> CostModel:
        """A model of the solutions of these sketches, the same for the same seed."""


def columns_of(solutions: Sequence[Solution]) -> tuple[list[int], list[NDArray[np.int64]]]:
    """Sketches and rows of solutions, as feature matrices take them."""
    return [solution.sketch for solution in solutions], [solution.row for solution in solutions]
