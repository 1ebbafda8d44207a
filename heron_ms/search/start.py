"""The first batch, before there is a measurement: part of it is what the analytic model likes best.

Heron starts with random solutions (RandSAT). Here a share of the batch, by default all of it, is
the best of a few times as many by the prior of the machine (`heron_ms.interstellar.priors`), where
it has one; the rest stays random. A machine's sieve, which takes no program to be made, chooses
these few out of thousands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from math import ceil

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.errors import HeronError, is_ctrl_c
from heron_ms.hardware import Machine
from heron_ms.interstellar.priors import Prior, prior_of, sieve_of
from heron_ms.search.search_space import Individual, SearchSpace

logger = logging.getLogger(__name__)

DRAWN = 4
"""Solutions that are drawn for each candidate of the first batch."""

SIEVED = 2000
"""Random solutions of each sketch that go through the sieve, in some milliseconds."""

REPLAYED = 3000
"""Instructions of traces that are replayed to score programs, which takes about a second: all
that is drawn for a batch of 16, but for the long traces of programs that are cut into parts."""


def sieved_sample(space: SearchSpace, n: int, rng: Generator, machine: Machine) -> list[Individual]:
    """About n distinct solutions, an equal share for every sketch, the best of each first.

    The best by the machine's sieve of the many that are drawn; random ones where it has none.
    """
    sieve = sieve_of(machine)
    if sieve is None:
        return space.sample(n, rng)
    share = ceil(n / len(space.sketches))
    chosen: list[list[Individual]] = []
    for index, sketch in enumerate(space.sketches):
        rows = sketch.problem.sample_array(max(SIEVED, share), rng)
        best = np.argsort(sieve(sketch, rows, machine), kind="stable")[:share]
        chosen.append([Individual(index, row) for row in rows[best]])
    return [found for group in zip_longest(*chosen) for found in group if found is not None][:n]


def ranked_start(
    space: SearchSpace, drawn: Sequence[Individual], n: int, share: float, machine: Machine
) -> list[Individual]:
    """Random solutions in the order to measure them: a share of n by the prior, the rest as drawn.

    share: from 0 (nothing is scored, the order stays) to 1. Solutions that the prior cannot score
    keep their chance among the rest; so do all where the machine has none.
    """
    wanted, prior = round(n * share), prior_of(machine)
    if not wanted or prior is None:
        return list(drawn)
    scores = _scores(space, drawn, partial(_score, space, machine, prior))
    order = np.argsort(-scores, kind="stable")  # NaN comes last
    best = [int(p) for p in order if not np.isnan(scores[p])][:wanted]
    others = [p for p in range(len(drawn)) if p not in set(best)]
    return [drawn[p] for p in (*best, *others)]


def _scores(
    space: SearchSpace, drawn: Sequence[Individual], score: Callable[[Individual], float]
) -> NDArray[np.float64]:
    """The prior's scores, float64 [drawn]; NaN for what it cannot score or has no time for."""
    tried = drawn[: _affordable(space, drawn)]
    scores = np.full(len(drawn), np.nan)
    scores[: len(tried)] = [score(individual) for individual in tried]
    known = int(np.isfinite(scores).sum())
    logger.info("the analytic model scored %d of %d programs", known, len(drawn))
    return scores


def _affordable(space: SearchSpace, drawn: Sequence[Individual]) -> int:
    """How many of the first programs are scored: by length, as a clock would not be repeatable."""
    lengths = [len(space.sketches[individual.sketch].sketch.trace.insts) for individual in drawn]
    return int(np.searchsorted(np.cumsum(lengths), REPLAYED, side="right"))


def _score(space: SearchSpace, machine: Machine, prior: Prior, individual: Individual) -> float:
    sketch, assignment = space.sketches[individual.sketch], space.assignment(individual)
    try:
        return float(prior(sketch, [assignment], machine)[0])
    except (HeronError, RuntimeError, ValueError) as error:
        if is_ctrl_c(error):
            raise
        return float("nan")
