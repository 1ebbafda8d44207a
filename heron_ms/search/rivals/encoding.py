"""What FlexTensor's networks see of an individual, and which of them answers for a subspace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Decisions, on_scale
from heron_ms.search.moves import Move
from heron_ms.search.space import Individual

Subspace = tuple[str, ...]
"""The free variables that its moves change."""


class Encoding:
    """States of the individuals of all sketches: the free variables, and which sketch it is.

    Sketches have most splits in common; by this they have the networks in common too, so that each
    sees several times as many transitions.
    """

    def __init__(self, decisions: Sequence[Decisions]) -> None:
        names = list(dict.fromkeys(name for each in decisions for name in each.names))
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
