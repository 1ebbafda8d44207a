"""Which kinds of machines an analytic model orders programs for, before anything is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.constraints import ConstrainedSketch
from heron_ms.hardware import Cpu, Machine
from heron_ms.interstellar.prior import prior_scores

Prior = Callable[
    [ConstrainedSketch, Sequence[Mapping[str, int]], Any],
    NDArray[np.float64],
]
"""Scores of assignments of a sketch for a machine, float64 [assignments]; higher is better.

It may raise `HeronError`, RuntimeError and ValueError for a program that it cannot score.
"""

PRIORS: dict[str, Prior] = {Cpu.kind: prior_scores}
"""The prior of each kind of machine that has one; a user's own is added with its entry."""


def prior_of(machine: Machine) -> Prior | None:
    """The prior of a machine; None for a kind without one."""
    return PRIORS.get(machine.kind)
