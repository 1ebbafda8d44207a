"""Moves from one solution to its neighbours (FlexTensor's directions, projected).

A split into d factors has d(d - 1) directions: (i, j) raises factor i to the next divisor of the
product of both and gives j the rest. Every other free variable goes to its next or previous value.
What a move changes is held; all else stays as near as the constraints allow, and a move that no
solution makes is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp import Decisions, nearest_each, raised

Row = NDArray[np.int64]


class Move(Protocol):
    """A direction in which a vector of decisions can go."""

    @property
    def places(self) -> tuple[int, ...]:
        """The positions in `Decisions.names` that it changes."""

    def changes(self, vector: Sequence[int]) -> dict[int, int] | None:
        """New values by position in `Decisions.names`; None where it leads nowhere."""


@dataclass(frozen=True)
class Shift:
    """Factor `up` of a split becomes the next divisor of what it and factor `down` multiply to."""

    up: int
    down: int

    @property
    def places(self) -> tuple[int, ...]:
        """Where a vector changes."""
        return self.up, self.down

    def changes(self, vector: Sequence[int]) -> dict[int, int] | None:
        """The new values by place; None where there is no such neighbour."""
        factors = raised(vector[self.up], vector[self.down])
        return None if factors is None else {self.up: factors[0], self.down: factors[1]}


@dataclass(frozen=True)
class Step:
    """A variable takes the value `by` places on in the list of its values."""

    at: int
    by: int
    values: tuple[int, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Where a vector changes."""
        return (self.at,)

    def changes(self, vector: Sequence[int]) -> dict[int, int] | None:
        """The new value by its place; None where there is no such neighbour."""
        place = int(np.searchsorted(self.values, vector[self.at])) + self.by
        return {self.at: self.values[place]} if 0 <= place < len(self.values) else None


def subspaces(decisions: Decisions) -> tuple[tuple[Move, ...], ...]:
    """All moves, those of a split together and those of each other variable together."""
    place = {name: p for p, name in enumerate(decisions.names)}
    splits = [
        tuple[Move, ...](Shift(place[i], place[j]) for i, j in permutations(names, 2))
        for names in decisions.splits
    ]
    split = {name for names in decisions.splits for name in names}
    alone = [name for name in decisions.names if name not in split]
    steps = [_steps(place[n], tuple(decisions.values[n].tolist())) for n in alone]
    return (*splits, *(pair for pair in steps if pair))


def _steps(at: int, values: tuple[int, ...]) -> tuple[Move, ...]:
    return (Step(at, -1, values), Step(at, 1, values)) if len(values) > 1 else ()


def moved(
    decisions: Decisions, rows: Row, moves: Sequence[Move], rng: Generator
) -> list[Row | None]:
    """Where move k leads from row k: solutions, int64 [names]; None where it leads nowhere.

    `rows` is int64 [n, len(problem.names)], each a solution; all moves are projected together.
    """
    vectors = rows[:, decisions.positions]
    wanted, held = vectors.copy(), np.zeros(vectors.shape, bool)
    for number, (move, vector) in enumerate(zip(moves, vectors.tolist(), strict=True)):
        for at, value in (move.changes(vector) or {}).items():
            wanted[number, at], held[number, at] = value, True
    going = np.flatnonzero(held.any(axis=1))
    nearest = nearest_each(decisions, wanted[going], held[going], rng)
    reached = dict(zip(going.tolist(), nearest, strict=True))
    return [reached.get(number) for number in range(len(moves))]


def neighbours(decisions: Decisions, row: Row, rng: Generator) -> Row:
    """All solutions that one move leads to from a solution: int64 [k, len(problem.names)].

    Distinct, without `row` itself, in the order of the moves. k is 0 where every move is refused.
    """
    moves = [move for subspace in subspaces(decisions) for move in subspace]
    ends = moved(decisions, np.repeat(row[None], len(moves), axis=0), moves, rng)
    distinct = {end.tobytes(): end for end in ends if end is not None}
    distinct.pop(row.tobytes(), None)
    return np.array(list(distinct.values()), np.int64).reshape(len(distinct), len(row))
