"""A memory of the simulator, which knows who touched each place last, and so finds races.

Two accesses to a place of which one writes are in order only if tokens say so. Each module counts
its instructions; a token carries what its giver knows of all counts (vector clocks: Lamport, 1978;
Mattern, 1988). An access that does not know of the one before is a fault, in whichever order the
modules happened to run, so that one order tells of all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.errors import FaultError
from heron_ms.measure.vta.instructions import Module

Clock = NDArray[np.int32]
"""For each module the number of its instructions that are known to be over."""


@dataclass(frozen=True)
class Visitor:
    """A module at one of its instructions, and what it knows."""

    module: Module
    clock: Clock

    @property
    def time(self) -> int:
        """The number of the instruction."""
        return int(self.clock[self.module])


@dataclass
class Places:
    """The places of a memory, with the last visit of each; ``known`` if they held data at first."""

    name: str
    data: NDArray[Any]
    known: bool = False
    _writer: NDArray[np.int8] = field(init=False)
    _written: NDArray[np.int32] = field(init=False)
    _read: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.data)
        self._writer = np.zeros(count, np.int8)
        self._written = np.full(count, 0 if self.known else -1, np.int32)
        self._read = np.zeros((len(Module), count), np.int32)

    def read(self, at: NDArray[np.int64], visitor: Visitor) -> NDArray[Any]:
        """What lies there; raises `FaultError`: "bounds", "unwritten" or "race"."""
        self._within(at)
        if self._written[at].min(initial=0) < 0:
            raise FaultError(f"{self.name}: a place is read that nothing wrote", "unwritten")
        self._after_writes(at, visitor)
        self._read[visitor.module, at] = visitor.time
        return self.data[at]

    def write(self, at: NDArray[np.int64], values: Any, visitor: Visitor) -> None:
        """Put values there; raises `FaultError`: "bounds" or "race"."""
        self._within(at)
        self._after_writes(at, visitor)
        for other in Module:
            if other != visitor.module and (self._read[other, at] > visitor.clock[other]).any():
                raise FaultError(f"{self.name}: written while {other.name} still reads it", "race")
        self._writer[at], self._written[at] = visitor.module, visitor.time
        self.data[at] = values

    def _within(self, at: NDArray[np.int64]) -> None:
        if len(at) and not 0 <= at.min() <= at.max() < len(self.data):
            raise FaultError(f"{self.name}: place {at.max()} of {len(self.data)}", "bounds")

    def _after_writes(self, at: NDArray[np.int64], visitor: Visitor) -> None:
        if (self._written[at] > visitor.clock[self._writer[at]]).any():
            raise FaultError(f"{self.name}: used before it is known to be written", "race")
