"""FlexTensor's Q-method: a small network for each subspace chooses the direction.

A step measures one neighbour of the start for each subspace. The reward is ln(t_from / t_new), not
the published tanh(max(t_from - t_new, 0)) of milliseconds, which depends on how long the program
takes; a failure counts as `LEAST`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp import Decisions, on_scale
from heron_ms.hardware import Machine
from heron_ms.search.moves import Move
from heron_ms.search.rivals.qnetwork import Network, Transition, train
from heron_ms.search.rivals.walk import AllDirections, Options
from heron_ms.search.search_space import Individual, SearchSpace

LEAST = -4.0
"""The least reward, and its negative the greatest."""
FIRST, FALL, LAST = 0.8, 0.01, 0.1
"""Chance of a random direction: max(0.8 exp(-0.01 trials), 0.1)."""
EVERY = 32
"""Transitions between two trainings: five of them in 160 steps."""

Subspace = tuple[str, ...]
"""The free variables that its moves change."""
Origin = tuple[Individual, int, int]
"""A start, a subspace and a direction."""


class QDirections(AllDirections):
    """A walk whose directions a Q-network chooses."""

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """With fresh networks."""
        super().begin(space, rng, machine)
        self._encoding = Encoding(space.decisions)
        self._origins: dict[tuple[int, bytes], Origin] = {}
        self._seen: dict[Subspace, list[Transition]] = {}
        self._untrained = 0
        self._networks = {
            self._encoding.subspace(sketch, moves): Network(self._encoding.width, len(moves), rng)
            for sketch, subspaces in enumerate(self._subspaces)
            for moves in subspaces
        }

    @property
    def curiosity(self) -> float:
        """The chance of a random direction, after as many trials as there were."""
        return max(FIRST * exp(-FALL * len(self.measured)), LAST)

    def steps(self, start: Individual, options: Options) -> list[Individual]:
        """One untried neighbour for each subspace that has one."""
        chosen = []
        for number, untried in enumerate(options):
            if untried:
                direction = self._direction(start, number, list(untried))
                self._origins[untried[direction].key] = (start, number, direction)
                chosen.append(untried[direction])
        return chosen

    def learn(self) -> None:
        """Offer to the heap, note the transitions, and train every so often."""
        super().learn()
        if self._untrained >= EVERY:
            self._untrained = 0
            for subspace, seen in self._seen.items():
                train(self._networks[subspace], seen, self.rng)

    def arrived(self, individual: Individual, seconds: float) -> None:
        """Note the transition, if it was a step that led here."""
        origin = self._origins.pop(individual.key, None)
        if origin is None:
            return
        start, number, direction = origin
        reward = gained(self.measured[start.key][1], seconds)
        states = (self._encoding.state(point) for point in (start, individual))
        subspace = self._encoding.subspace(start.sketch, self._subspaces[start.sketch][number])
        transition = Transition(next(states), direction, reward, next(states))
        self._seen.setdefault(subspace, []).append(transition)
        self._untrained += 1

    def _direction(self, start: Individual, number: int, untried: list[int]) -> int:
        if self.rng.random() < self.curiosity:
            return int(self.rng.choice(untried))
        moves = self._subspaces[start.sketch][number]
        network = self._networks[self._encoding.subspace(start.sketch, moves)]
        values = network.values(self._encoding.state(start)[None])[0]
        return max(untried, key=lambda direction: float(values[direction]))


class Encoding:
    """States of the individuals of all sketches: the free variables, and which sketch it is.

    Sketches have most splits in common; by this they have the networks in common too, so that each
    sees several times as many transitions.
    """

    def __init__(self, decisions: Sequence[Decisions]) -> None:
        names = list(dict.fromkeys(name for sketch in decisions for name in sketch.names))
        place = {name: p for p, name in enumerate(names)}
        self._decisions = decisions
        self._places = [np.array([place[n] for n in d.names], np.int64) for d in decisions]
        self._names = len(names)

    @property
    def width(self) -> int:
        """Numbers of a state."""
        return self._names + len(self._decisions)

    def state(self, individual: Individual) -> NDArray[np.float64]:
        """float64 [width]: logarithms of the free variables, 0 for one that the sketch lacks."""
        values = np.zeros(self.width)
        free = individual.row[self._decisions[individual.sketch].positions]
        values[self._places[individual.sketch]] = on_scale(free.astype(np.float64))
        values[self._names + individual.sketch] = 1.0
        return values

    def subspace(self, sketch: int, moves: Sequence[Move]) -> Subspace:
        """The free variables that the moves of one subspace change, and how many moves these are.

        Subspaces of two sketches are the same where these are.
        """
        names = self._decisions[sketch].names
        places = sorted({at for move in moves for at in move.places})
        return (*(names[at] for at in places), str(len(moves)))


def gained(before: float, after: float) -> float:
    """The reward of a step, from seconds that are finite to seconds that may be infinite."""
    return LEAST if after == inf else max(LEAST, min(-LEAST, log(before / after)))
