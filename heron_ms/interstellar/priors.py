"""Which kinds of machines an analytic model orders programs for, before anything is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.constraints import ConstrainedSketch
from heron_ms.hardware import Cpu, Machine
from heron_ms.interstellar.blocked import blocked_cost
from heron_ms.interstellar.prior import prior_scores

Prior = Callable[
    [ConstrainedSketch, Sequence[Mapping[str, int]], Any],
    NDArray[np.float64],
]
"""Scores of assignments of a sketch for a machine, float64 [assignments]; higher is better.

It may raise `HeronError`, RuntimeError and ValueError for a program that it cannot score.
"""

Sieve = Callable[[ConstrainedSketch, NDArray[np.int64], Any], NDArray[np.float64]]
"""Costs of assignments of a sketch, float64 [assignments], rows of variables, lower is better: less
exact than a prior, and quick enough for thousands. They compare assignments of one sketch."""

PRIORS: dict[str, Prior] = {Cpu.kind: prior_scores}
"""The prior of each kind of machine that has one; a user's own is added with its entry."""

SIEVES: dict[str, Sieve] = {Cpu.kind: blocked_cost}
"""What chooses among random solutions those that a prior is asked of, by kind of machine."""


def prior_of(machine: Machine) -> Prior | None:
    """The prior of a machine; None for a kind without one."""
    return PRIORS.get(machine.kind)


def sieve_of(machine: Machine) -> Sieve | None:
    """The sieve of a machine; None for a kind without one."""
    return SIEVES.get(machine.kind)
