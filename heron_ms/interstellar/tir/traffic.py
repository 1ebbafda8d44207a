"""Words that move between the scopes of a program (copies are blocks; the rest is the rule).

A copy moves, each time it runs, what its block says: trip count times elements. An operand of a
multiplication that lies further out than the innermost level is kept in a register: loops inside
the innermost one that moves through it find it there. Loops bound to threads run side by side, and
a word that several of them use is fetched once. An accumulator is read and written at every step,
but for the first, which a fill stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from heron_ms.interstellar.tir.accesses import Access, Loop
from heron_ms.interstellar.tir.executions import executions, footprint


@dataclass(frozen=True)
class Moved:
    """Elements that one access moves: ``words``, charged at the level of its buffer's scope.

    ``uses``: how many units get them, each use counted; what passes through the array.
    """

    access: Access
    words: float
    uses: float


def charged(accesses: Sequence[Access], outward: dict[str, int]) -> list[Moved]:
    """What is charged, an entry an access; of a copy only the side that lies further out.

    ``outward`` numbers the scopes from the innermost level out. Scopes that it lacks raise
    KeyError.
    """
    found = []
    for access in accesses:
        if access.role == "copy" and not _outer_side(access, accesses, outward):
            continue
        sign = -1 if access.role == "fill" and _accumulates(access, accesses) else 1
        if outward[access.scope] == 0:
            every = float(sign * executions(access) * access.elements)
            found.append(Moved(access, every, every))
        else:
            found.append(_moved(access, sign, kept=access.role in ("load", "store")))
    return found


def _accumulates(fill: Access, accesses: Sequence[Access]) -> bool:
    """Whether some block adds up in what is filled here: its first step then reads nothing."""
    blocks = {a.block for a in accesses if a.buffer.same_as(fill.buffer) and a.role == "store"}
    reads = {a.block for a in accesses if a.buffer.same_as(fill.buffer) and a.role == "load"}
    return bool(blocks & reads)


def _outer_side(access: Access, accesses: Sequence[Access], outward: dict[str, int]) -> bool:
    """Of the load and the store of a copy: whether this one is further out (or the load)."""
    pair = [a for a in accesses if a.block == access.block and a.role == "copy"]
    highest = max(outward[a.scope] for a in pair)
    outer = [a for a in pair if outward[a.scope] == highest]
    return access is outer[0]


def _moved(access: Access, sign: int, kept: bool) -> Moved:
    """Iterations in time, times the different elements that the units side by side touch."""
    spatial = [loop for loop in access.loops if loop.axis and loop.axis != "parallel"]
    total = prod(loop.extent for loop in access.loops)
    share = executions(access) / total if total else 0.0
    serial = [loop for loop in access.loops if loop not in spatial]
    trips = prod(loop.extent for loop in (_stays(access, serial) if kept else serial))
    different = footprint(access, spatial) if spatial else access.elements
    side = prod(loop.extent for loop in spatial) * access.elements
    return Moved(access, sign * share * trips * different, sign * share * trips * side)


def _stays(access: Access, serial: Sequence[Loop]) -> list[Loop]:
    """The loops without those inside the innermost one that moves through the buffer."""
    used = access.moving
    renewed = access.loops[: access.around]
    moves = [place for place, loop in enumerate(serial) if loop in used or loop in renewed]
    last = max(moves, default=-1)
    return list(serial[: last + 1])
