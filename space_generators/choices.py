"""What tells one sketch of a block from another: the choices that no decision of a trace can hold.

MetaSchedule's compute location is a decision, but the locations that it admits depend on which
loops happen to have extent one, so that a trace replayed with other tiles lands elsewhere. Heron's
tunable location (Heron's constraint rules) is therefore one sketch a location here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from heron_ms.tensorize import Mapping, row_paddings
from heron_ms.tensorize.einsum import ROWS, Operand
from heron_ms.tensorize.layout import is_plain
from heron_ms.tensorize.realize import padded_extents


class Level(Enum):
    """Where a staged operand is copied, outermost first; see `tiling` for the loops."""

    NONE = "not staged"
    AHEAD = "once, before the program runs"
    ROOT = "before all loops"
    TASK = "in each parallel task"
    ROWS = "for each block of rows"
    DEPTH = "for each chunk of the reduction"


@dataclass(frozen=True)
class Choices:
    """Padded extents of the block's iterators, and where the operands are staged."""

    padded: tuple[int, ...]
    a: Level
    b: Level


def choices(
    mapping: Mapping, tallest: int, *, a_is_produced: bool, b_is_constant: bool = False
) -> Iterator[Choices]:
    """Every sketch of a matched block, for register tiles of at most ``tallest`` rows.

    a_is_produced: whether another block makes A, so that it is staged in any case.
    b_is_constant: whether B is an argument that may be packed ahead (`is_layout_free`).
    """
    for padded in paddings(mapping, tallest):
        pads_a = _pads(mapping, padded, mapping.einsum.a)
        copied = a_is_produced or not mapping.in_place("A") or pads_a
        ahead = b_is_constant and _can_be_ahead(mapping, padded)
        levels_of_b = [Level.AHEAD] if ahead else _levels_of_b(mapping)
        for a, b in product(_levels_of_a(mapping, copied), levels_of_b):
            if _may_stage(mapping.einsum.a, a) and _may_stage(mapping.einsum.b, b):
                yield Choices(padded, a, b)


def _may_stage(operand: Operand, level: Level) -> bool:
    # TVM 0.27 turns every bfloat16 buffer of a program's own into one of float32.
    return level is Level.NONE or operand.dtype != "bfloat16"


def _levels_of_a(mapping: Mapping, copied: bool) -> list[Level]:
    if not copied:
        return [Level.NONE, Level.ROWS, Level.DEPTH]
    # Only where neighbouring tiles share what they read can a larger copy be the cheaper one.
    shared = not is_plain(mapping.einsum, mapping.einsum.a) and not mapping.is_gathered
    return [*([Level.TASK] if shared else []), Level.ROWS, Level.DEPTH]


def _levels_of_b(mapping: Mapping) -> list[Level]:
    if not mapping.in_place("B"):
        return [Level.ROOT, Level.TASK, Level.DEPTH]
    plain = is_plain(mapping.einsum, mapping.einsum.b)
    return [Level.NONE, Level.TASK, Level.DEPTH] if plain else [Level.NONE]


def _can_be_ahead(mapping: Mapping, padded: tuple[int, ...]) -> bool:
    """Whether packing B is a mere permutation, which is all that MetaSchedule can take out."""
    plain = is_plain(mapping.einsum, mapping.einsum.b) and not mapping.is_gathered
    return plain and not _pads(mapping, padded, mapping.einsum.b)


def _pads(mapping: Mapping, padded: tuple[int, ...], operand: Operand) -> bool:
    axes = zip(mapping.loops, mapping.extents, padded, strict=True)
    return any(size != wanted and operand.axes.issuperset(loop) for loop, size, wanted in axes)


def paddings(mapping: Mapping, tallest: int) -> list[tuple[int, ...]]:
    """Extents padded to the intrinsic's tile, for each row count worth trying."""
    extents = list(padded_extents(mapping))
    rows = [p for p in row_loops(mapping) if extents[p] > 1]
    if not rows:
        return [tuple(extents)]
    last, found = rows[-1], []
    for size in row_paddings(extents[last], tallest):
        extents[last] = size
        found.append(tuple(extents))
    return found


def row_loops(mapping: Mapping) -> list[int]:
    """The loops outside the intrinsic that only A and C depend on."""
    taken = {mapping.loop(vector) for vector in mapping.tiles}
    vectors = [{mapping.einsum.vector(p) for p in each} for each in mapping.loops]
    return [p for p, each in enumerate(vectors) if p not in taken and each == {ROWS}]
