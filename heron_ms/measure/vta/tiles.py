"""Where the tiles of a program lie on the chip: at places that take turns.

With two places for the tiles of a buffer the next one is loaded while the last is in use, for any
number of tiles and with the loops as they are: nothing is interleaved, which is what VTA's virtual
threads did for this. A tile that would hold what the one before it holds is that one still.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms.errors import FaultError
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.tokens import Span


@dataclass
class _Turns:
    memory: str
    first: int
    size: int
    copies: int
    reloads: bool
    turn: int = -1
    content: Hashable = None

    @property
    def start(self) -> int:
        return self.first + self.size * (self.turn % self.copies)


class Tiles:
    """The tiles of a program's buffers."""

    def __init__(self, machine: Vta) -> None:
        self._machine = machine
        self._used = Counter[str]()
        self._turns: dict[Any, _Turns] = {}

    def begin(self, buffer: Any, copies: int, *, reloads: bool = False) -> None:
        """A buffer begins anew, at the next of its places.

        reloads: whether it is loaded even with what the one before it holds.

        Raises `FaultError` ("capacity") where they do not fit.
        """
        if buffer not in self._turns:
            self._turns[buffer] = self._placed(buffer, copies, reloads)
        self._turns[buffer].turn += 1

    def keeps(self, buffer: Any, content: Hashable) -> bool:
        """Whether the tile before the present one holds this already: then it stays the present."""
        turns = self._turns[buffer]
        if turns.content == content and not turns.reloads:
            turns.turn -= 1
            return True
        turns.content = content
        return False

    def _placed(self, buffer: Any, copies: int, reloads: bool) -> _Turns:
        memory = self.memory(buffer)
        size = -(-prod(int(extent) for extent in buffer.shape) // self._machine.lanes(memory))
        turns = _Turns(memory, self._used[memory], size, copies, reloads)
        self._used[memory] += size * copies
        held, depth = self._used[memory], self._machine.depth(memory)
        if held > depth:
            raise FaultError(f"{memory}: {held} elements in {depth} places", "capacity")
        return turns

    def memory(self, buffer: Any) -> str:
        """The memory of a buffer; raises `FaultError` for one in none."""
        memory = self._machine.memory_at(str(buffer.scope()))
        if memory is None:
            raise FaultError(f"{buffer.name} lies in no memory of the chip", "affine")
        return memory.name

    def span(self, buffer: Any) -> Span:
        """Where the present tile of a buffer is."""
        turns = self._turns[buffer]
        return turns.memory, turns.start, turns.start + turns.size
