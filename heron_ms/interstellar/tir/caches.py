"""Words that move between levels which no copy names: caches (and registers) of a CPU.

Going inwards, the first loop inside of which everything that its body touches fits in a level
brings each buffer's part into that level once an iteration of the loops around it, except for
those that do not move through the buffer and lie inside the innermost that does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from heron_ms.interstellar.tir.accesses import Access, Loop
from heron_ms.interstellar.tir.executions import footprint


class Caches:
    """What a program brings into memories of any size; footprints are computed once."""

    def __init__(self, accesses: Sequence[Access]) -> None:
        self._accesses = [access for access in accesses if access.role != "fill"]
        self._sizes: dict[tuple[int, int], int] = {}
        self._bodies: dict[Loop, int] = {}

    def fetched(self, capacity: int, warm: bool = False) -> dict[str, float]:
        """Bytes that come into a level of so many bytes (and go back), by buffer name.

        warm: nothing comes in where everything that the program touches fits.
        """
        if warm and self._whole() <= capacity:
            return {}
        return self._brought(capacity)

    def loaded(self, capacity: int, weight: Callable[[Access], float]) -> dict[str, float]:
        """Bytes that come into registers of so many bytes (and go back), by buffer name.

        An address that a loop computes names no register, so nothing stays there from one iteration
        to the next but what the loop does not move. weight: how often a byte of an access counts.
        """
        return self._brought(capacity, weight, registers=True)

    def _brought(
        self,
        capacity: int,
        weight: Callable[[Access], float] = lambda _: 1.0,
        registers: bool = False,
    ) -> dict[str, float]:
        found: dict[str, float] = {}
        seen: set[tuple[str, bool, int]] = set()
        for number, access in enumerate(self._accesses):
            depth = self._depth(access, capacity, registers)
            inner = access.loops[depth:]
            key = (access.name, access.write, id(inner[0]) if inner else -number)
            if key not in seen:
                seen.add(key)
                size = self._bytes(number, depth) * _trips(access, access.loops[:depth])
                found[access.name] = found.get(access.name, 0.0) + size * weight(access)
        return found

    def _depth(self, access: Access, capacity: int, registers: bool) -> int:
        """How many loops around an access are outside of what fits in a capacity."""
        # From the inside out: a loop touches no less than those inside it, and is slower to count.
        depth = len(access.loops)
        while depth and self._body(access.loops[depth - 1]) <= capacity:
            if registers and not access.loops[depth - 1].straight:
                break
            depth -= 1
        return depth

    def _whole(self) -> int:
        """Bytes of everything that the program touches."""
        return self._largest({number: 0 for number in range(len(self._accesses))})

    def _body(self, loop: Loop) -> int:
        """Bytes that a loop touches from its first iteration to its last."""
        if loop not in self._bodies:
            depths = {
                number: access.loops.index(loop)
                for number, access in enumerate(self._accesses)
                if loop in access.loops
            }
            self._bodies[loop] = self._largest(depths)
        return self._bodies[loop]

    def _largest(self, depths: dict[int, int]) -> int:
        """The bytes of each buffer, by the access that touches most of it, together."""
        largest: dict[str, int] = {}
        for number, depth in depths.items():
            name = self._accesses[number].name
            largest[name] = max(self._bytes(number, depth), largest.get(name, 0))
        return sum(largest.values())

    def _bytes(self, number: int, depth: int) -> int:
        """Bytes that an access touches inside so many of its loops."""
        if (number, depth) not in self._sizes:
            access = self._accesses[number]
            size = footprint(access, access.loops[depth:]) * access.itemsize
            self._sizes[number, depth] = size
        return self._sizes[number, depth]


def _trips(access: Access, outside: Sequence[Loop]) -> int:
    used = access.moving
    last = max((place for place, loop in enumerate(outside) if loop in used), default=-1)
    return prod(loop.extent for loop in outside[: last + 1])
