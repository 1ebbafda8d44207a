"""How a tensorized block goes through its operands: its loops by level, and what each one moves.

The loops of the tiling structure, from the outermost in, are those around a chunk of the outer
reduction, those inside of it, the walk along the inner reduction, and the register tile. With the
bytes that a walk and a chunk touch, which `c5_working_set` states, they say what a program loads
and fetches as a function of the problem's variables, so that no program need be made to know it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import SBlock
from heron_ms.constraints import access
from heron_ms.constraints.loops import Loop
from heron_ms.csp import Operand


@dataclass(frozen=True)
class Step:
    """A loop: its extent, and the operands that it moves through, by position."""

    extent: Operand
    moves: frozenset[int]


@dataclass(frozen=True)
class Blocking:
    """The loops of one block, and the bytes of each operand in one walk and in one chunk.

    ``levels``: the loops around a chunk, those between it and a walk, those of a walk, those of the
    register tile. ``output``: the position of the operand that accumulates. ``vectors``: those of a
    factor that one call of the intrinsic takes in, 1 but for tile registers. ``streamed``: the
    factors that leave the first cache to others and come in anew for each walk. ``in_blocks``:
    whether what a walk accumulates is one part of a sum, which is added to the others in memory.
    """

    levels: tuple[tuple[Step, ...], ...]
    walked: tuple[Operand, ...]
    held: tuple[Operand, ...]
    output: int
    vectors: int = 1
    streamed: frozenset[int] = frozenset()
    in_blocks: bool = False


def steps(
    node: SBlock, axes: Sequence[Loop | None], buffers: Sequence[Any], loops: Sequence[Loop]
) -> tuple[Step, ...] | None:
    """Loops as steps, a fused one as its parts; None where an extent or an access is not known.

    axes: the loop of each iterator of the block. buffers: the operands.
    """
    iterators = dict(_iterators(axes))
    moved = [_moving(node, buffer) for buffer in buffers]
    parts = [part for loop in loops for part in loop.fused or (loop,)]
    found: list[Step] = []
    for part in parts:
        if part.extent is None or None in moved:
            return None
        by = frozenset(p for p, used in enumerate(moved) if used and iterators.get(part) in used)
        found.append(Step(part.extent, by))
    return tuple(found)


def _iterators(axes: Sequence[Loop | None]) -> Iterator[tuple[Loop, int]]:
    """Every loop that an iterator of the block was split into, and the iterator's position."""
    for position, axis in enumerate(axes):
        pending = [] if axis is None else [axis]
        while pending:
            loop = pending.pop()
            pending += loop.children
            yield loop, position


def _moving(node: SBlock, buffer: Any) -> set[int] | None:
    """The iterators of a block that an access to a buffer depends on."""
    region = access.reads(node, buffer) or access.writes(node, buffer)
    if region is None:
        return None
    return {position for dimension in region for position, _ in dimension.terms}
