"""The union of the sketches' solution sets: what the strategies draw from and breed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms._tvm import Trace
from heron_ms.constraints import ConstrainedSketch
from heron_ms.cost_model import Features
from heron_ms.csp import Decisions
from heron_ms.errors import UnsatisfiableSpaceError
from heron_ms.sketch import trace_key


@dataclass(frozen=True)
class Individual:
    """One assignment of one sketch; ``row`` is in the order of its problem's names."""

    sketch: int
    row: NDArray[np.int64]

    @property
    def key(self) -> tuple[int, bytes]:
        """What makes two individuals the same."""
        return self.sketch, self.row.tobytes()


class SearchSpace:
    """Constrained sketches that have a solution; if some keep all their preferences, only those.

    Raises `UnsatisfiableSpaceError`, with the constraints that clash, if none has.
    """

    def __init__(self, sketches: Sequence[ConstrainedSketch]) -> None:
        satisfiable = [sketch for sketch in sketches if sketch.problem.is_satisfiable()]
        if not satisfiable:
            raise UnsatisfiableSpaceError(_clashes(sketches))
        self.sketches = [sketch for sketch in satisfiable if not sketch.given_up] or satisfiable
        self.features = Features([sketch.problem for sketch in self.sketches])
        self._columns = [_positions(sketch.problem.names) for sketch in self.sketches]
        self._by_key = {sketch.key: index for index, sketch in enumerate(self.sketches)}

    @cached_property
    def decisions(self) -> tuple[Decisions, ...]:
        """Each sketch's problem as vectors, for what leaves the constraints out."""
        return tuple(Decisions(sketch.problem) for sketch in self.sketches)

    def sample(self, n: int, rng: Generator) -> list[Individual]:
        """About n random solutions, distinct, an equal share for every sketch."""
        shares = rng.multinomial(n, np.full(len(self.sketches), 1.0 / len(self.sketches)))
        drawn = [
            Individual(index, row)
            for index, share in enumerate(shares)
            if share
            for row in self.sketches[index].problem.sample_array(int(share), rng)
        ]
        return [drawn[p] for p in rng.permutation(len(drawn))]

    def assignment(self, individual: Individual) -> dict[str, int]:
        """The individual's variables by name."""
        names = self.sketches[individual.sketch].problem.names
        return dict(zip(names, individual.row.tolist(), strict=True))

    def values(self, individual: Individual, names: Sequence[str]) -> dict[str, int]:
        """Some of the individual's variables by name."""
        column = self._columns[individual.sketch]
        return {name: int(individual.row[column[name]]) for name in names}

    def individual(self, trace: Trace) -> Individual | None:
        """The individual that a trace is; None for a trace of another space."""
        index = self._by_key.get(trace_key(trace))
        if index is None:
            return None
        sketch = self.sketches[index]
        assignment = sketch.assignment_of(trace)
        if assignment is None:
            return None
        row = np.array([assignment[name] for name in sketch.problem.names], dtype=np.int64)
        return Individual(index, row)

    def matrix(self, individuals: Sequence[Individual]) -> NDArray[np.float32]:
        """Features, float32 [individuals, variables]."""
        sketches = [individual.sketch for individual in individuals]
        return self.features.matrix(sketches, [individual.row for individual in individuals])


def _positions(names: Sequence[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


def _clashes(sketches: Sequence[ConstrainedSketch]) -> str:
    if not sketches:
        return "the space has no sketch"
    clash = sketches[0].problem.conflict()
    return "no assignment satisfies: " + "; ".join(str(constraint) for constraint in clash)
