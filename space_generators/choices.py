"""What tells one sketch of a block from another: the choices that no decision of a trace can hold.

MetaSchedule's compute location is a decision, but the locations that it admits depend on which
loops happen to have extent one, so that a trace replayed with other tiles lands elsewhere. Heron's
tunable location (Heron's constraint rules) is therefore one sketch a location here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, product
from math import prod

from heron_ms._tvm import itemsize
from heron_ms.hardware import Machine
from heron_ms.hardware.structure import REDUCTION, Level, Structure
from heron_ms.tensorize import Mapping, row_paddings
from heron_ms.tensorize.einsum import DEPTH, LANES, ROWS, Operand
from heron_ms.tensorize.layout import is_plain
from heron_ms.tensorize.realize import padded_extents


@dataclass(frozen=True)
class Place:
    """Where an operand is copied: inside a level of the structure, or at none."""

    text: str
    level: int | None = None

    @property
    def described(self) -> str:
        """As a sketch is described."""
        return self.text if self is NONE else f"copied {self.text}"


NONE = Place("read in place")
AHEAD = Place("once, before the program runs")
ROOT = Place("before all loops")


@dataclass(frozen=True)
class Choices:
    """Padded extents of the block's iterators, and where the operands are copied.

    parts: of its sum, each computed apart from the others; 1 where the sum is one. in_blocks:
    whether the depth is cut into blocks, which are summed up one by one. swizzled: whether rows of
    what threads share lie in different banks by a permutation, with no pad. through_shared: whether
    results go to memory by way of what threads share.
    """

    padded: tuple[int, ...]
    a: Place
    b: Place
    parts: int = 1
    in_blocks: bool = False
    swizzled: bool = False
    through_shared: bool = False


def choices(
    mapping: Mapping, machine: Machine, *, a_is_produced: bool, b_is_constant: bool = False
) -> Iterator[Choices]:
    """Every sketch of a matched block for a machine.

    a_is_produced: whether another block makes A, so that it is copied in any case.
    b_is_constant: whether B is an argument that may be packed ahead (`is_layout_free`).
    """
    tiling = machine.tiling(mapping.intrinsic.scopes["C"])
    structure = tiling.structure
    held_a, held_b = places(structure, "A"), places(structure, "B")
    for padded in paddings(mapping, tiling.tallest):
        pads_a = _pads(mapping, padded, mapping.einsum.a)
        copied = a_is_produced or not mapping.in_place("A") or pads_a
        ahead = b_is_constant and _can_be_ahead(mapping, padded)
        places_of_a = held_a or _places_of_a(mapping, structure, copied)
        places_of_b = held_b or ([AHEAD] if ahead else _places_of_b(mapping, structure))
        ways = _ways(mapping, machine, padded, tiling.panel)
        for a, b in product(places_of_a, places_of_b):
            operands = (mapping.einsum.a, a), (mapping.einsum.b, b)
            if all(at is NONE or machine.keeps(operand.dtype) for operand, at in operands):
                yield from (Choices(padded, a, b, *way) for way in ways)


def why_none(mapping: Mapping, machine: Machine) -> str:
    """Why there is no choice for a matched block, where `choices` has none; for a user."""
    structure = machine.tiling(mapping.intrinsic.scopes["C"]).structure
    if places(structure, "A") or _places_of_a(mapping, structure, copied=True):
        return "no operand of it may be copied"
    return (
        f"A has to be copied, and no level of the structure of {machine.name} holds it: name a "
        "memory for A in `holds` of one"
    )


def _ways(
    mapping: Mapping, machine: Machine, padded: tuple[int, ...], panel: int | None
) -> list[tuple[int, bool, bool, bool]]:
    """How the sum may be computed: in how many parts, in blocks or not, of permuted rows or not.

    And whether its results go through shared memory, but for parts, which are no results yet.
    """
    return [
        (parts, in_blocks, swizzled, through_shared)
        for parts in _parts_of_sum(mapping, machine)
        for in_blocks in _in_blocks(mapping, padded, panel)
        for swizzled in _permutes(mapping, machine, padded, parts)
        for through_shared in (machine.ways_of_results if parts == 1 else (False,))
    ]


def _parts_of_sum(mapping: Mapping, machine: Machine) -> list[int]:
    """In how many parts a sum may be computed, each of which has whole tiles of the intrinsic."""
    alone = len(mapping.groups.get(DEPTH, ())) == 1 and mapping.unit is None
    if not alone or any(len(parts) > 1 for parts in mapping.splits):
        return [1]
    results = prod(int(extent) for extent in mapping.einsum.c.buffer.shape)
    depth = mapping.size(DEPTH)
    counts = machine.parts_of_sum(results, depth)
    return [parts for parts in counts if parts == 1 or depth % (parts * mapping.tiles[DEPTH]) == 0]


def _permutes(
    mapping: Mapping, machine: Machine, padded: tuple[int, ...], parts: int
) -> tuple[bool, ...]:
    """Whether rows of shared tiles, which go along the lanes or the depth, are permuted."""
    if not mapping.groups.keys() >= {LANES, DEPTH}:
        return (False,)
    rows = padded[mapping.loop(LANES)], padded[mapping.loop(DEPTH)] // parts
    return machine.swizzles((mapping.einsum.a.dtype, mapping.einsum.b.dtype), rows)


def places(structure: Structure, operand: str, *, chosen: bool = False) -> list[Place]:
    """Where a structure holds an operand, or, where ``chosen``, may hold it."""
    return [
        Place(_words(level), at)
        for at, level in enumerate(structure)
        if operand in (level.may_hold if chosen else level.holds)
    ]


def _words(level: Level) -> str:
    if level.axes == REDUCTION:
        return "for each chunk of the reduction"
    return f"in each {level.binding} task" if level.binding else "for each block of rows"


def _places_of_a(mapping: Mapping, structure: Structure, copied: bool) -> list[Place]:
    every = places(structure, "A", chosen=True)
    outer, inner = every[:1], every[1:]
    if not copied:
        return [NONE, *inner]
    # Only where neighbouring tiles share what they read can a larger copy be the cheaper one.
    shared = not is_plain(mapping.einsum, mapping.einsum.a) and not mapping.is_gathered
    return [*(outer if shared else []), *inner]


def _places_of_b(mapping: Mapping, structure: Structure) -> list[Place]:
    inner = places(structure, "B", chosen=True)
    if not mapping.in_place("B"):
        return [ROOT, *inner]
    return [NONE, *inner] if is_plain(mapping.einsum, mapping.einsum.b) else [NONE]


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
    last, padded = rows[-1], []
    vectors = extents[mapping.loop(LANES)] // mapping.tiles[LANES]
    for size in row_paddings(extents[last], tallest, vectors):
        extents[last] = size
        padded.append(tuple(extents))
    return padded


def row_loops(mapping: Mapping) -> list[int]:
    """The loops outside the intrinsic that only A and C depend on."""
    taken = {mapping.loop(vector) for vector in mapping.tiles}
    vectors = [{mapping.einsum.vector(p) for p in loop} for loop in mapping.loops]
    return [p for p, kinds in enumerate(vectors) if p not in taken and kinds == {ROWS}]


def _in_blocks(mapping: Mapping, padded: tuple[int, ...], panel: int | None) -> tuple[bool, ...]:
    """Whether the depth may be cut into blocks: where more than a panel is walked through.

    By two tiles of rows and two of lanes beside each other, as most registers are divided.
    """
    intrinsic, einsum = mapping.intrinsic, mapping.einsum
    if panel is None or padded[mapping.loop(DEPTH)] == intrinsic.depth:
        return (False,)
    reductions = [any(einsum.axes[p].reduces for p in loop) for loop in mapping.loops]
    walked = prod(compress(padded, reductions))
    a, b = itemsize(einsum.a.buffer), itemsize(einsum.b.buffer)
    is_long = 2 * (intrinsic.rows * a + intrinsic.lanes * b) * walked > panel
    return (False, True) if is_long else (False,)
