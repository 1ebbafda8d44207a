"""A block brought into the shape that an intrinsic tiles: split, fused, padded.

Before: ``C[n, h, w, co] += A[n, h + kh, w + kw, ci] * B[kh, kw, ci, co]`` with ci = 3. After fusing
(kh, kw, ci) into k and padding it from 27 to 28: ``C[n, h, w, co] += A_k[n, h, w, k] * B_k[co, k]``
with blocks that copy A and B. What needs neither is left as it is, and nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, index_map, tirx
from heron_ms.tensorize.einsum import Einsum, Operand, read_einsum
from heron_ms.tensorize.layout import is_plain, plain_axis
from heron_ms.tensorize.mapping import Mapping
from heron_ms.tensorize.units import add_unit


def arrange(sch: Schedule, block: SBlockRV, mapping: Mapping, padded: Sequence[int]) -> SBlockRV:
    """Rewrite a block so that its iterators are ``mapping.loops`` with the extents ``padded``.

    Returns the block that computes the products, another one where an iterator is added.
    """
    if any(len(parts) > 1 for parts in mapping.splits):
        sch.transform_block_layout(block, _splitting(mapping))
    if mapping.unit is not None:
        block = add_unit(sch, block, mapping.einsum, mapping.unit)
    if mapping.is_gathered:
        _gather(sch, block, mapping, padded)
        return block
    if tuple(padded) != mapping.extents:
        _pad(sch, block, mapping, padded)
    if mapping.is_rearranged:
        sch.transform_block_layout(block, _fusing(mapping, range(len(mapping.einsum.axes))))
    return block


def arranged(sch: Schedule, block: SBlockRV, mapping: Mapping) -> Einsum:
    """The einsum of a block once arranged, factors in the intrinsic's order."""
    einsum = read_einsum(sch.get(block))
    return einsum.swapped if mapping.swapped else einsum


def _pad(sch: Schedule, block: SBlockRV, mapping: Mapping, padded: Sequence[int]) -> None:
    # Before anything is rearranged, which replaces iterators of extent one by constants; and
    # `pad_einsum` takes only operands that are indexed by iterators.
    sizes = dict(zip(mapping.loops, padded, strict=True))
    others = [
        operand for operand in mapping.einsum.operands if not is_plain(mapping.einsum, operand)
    ]
    views = [(sch.reindex(block, _place(operand)), operand) for operand in others]
    sch.pad_einsum(block, [sizes[p,] for p in range(len(sizes))])
    for view, operand in views:
        if operand is not mapping.einsum.c:
            sch.compute_inline(view)


def _gather(sch: Schedule, block: SBlockRV, mapping: Mapping, padded: Sequence[int]) -> None:
    """Copy every operand to where it has one dimension for each loop."""
    for operand in mapping.einsum.operands:
        sch.reindex(block, _place(operand))
    extents = _pad_units(sch, block, mapping, padded)
    view = read_einsum(sch.get(block))
    for operand in view.operands:
        _fuse_dimensions(
            sch, block, mapping, operand, [plain_axis(view, at) for at in operand.indices]
        )
    sch.transform_block_layout(block, _fusing(mapping, range(len(mapping.einsum.axes))))
    if extents != tuple(padded):
        sch.pad_einsum(block, list(padded))


def _fuse_dimensions(
    sch: Schedule, block: SBlockRV, mapping: Mapping, operand: Operand, axes: list[int | None]
) -> None:
    # An iterator of extent one is no dimension where the index was a sum.
    fusing = _fusing(mapping, [p for p in axes if p is not None])
    producers = [
        producer for producer in sch.get_producers(block) if _writes(sch, producer, operand)
    ]
    sch.transform_layout(block, _place(operand), fusing)
    for producer in producers:
        # Moved with a loop for every part, TVM 0.27 would copy too little of what straddles them.
        sch.transform_block_layout(producer, fusing)


def _writes(sch: Schedule, block: SBlockRV, operand: Operand) -> bool:
    return bool(sch.get(block).writes[0].source.same_as(operand.buffer))


def _pad_units(
    sch: Schedule, block: SBlockRV, mapping: Mapping, padded: Sequence[int]
) -> tuple[int, ...]:
    """Pad what an intrinsic takes over of extent one; the extents of the loops after that.

    `transform_block_layout` puts a constant in the place of such an iterator.
    """
    loops = zip(mapping.loops, mapping.extents, padded, strict=True)
    units = {loop: size for loop, extent, size in loops if extent == 1 < size}
    if units:
        extents = enumerate(mapping.einsum.extents)
        sch.pad_einsum(block, [units.get((p,), extent) for p, extent in extents])
    pairs = zip(mapping.loops, mapping.extents, strict=True)
    return tuple(units.get(loop, extent) for loop, extent in pairs)


def _place(operand: Operand) -> tuple[str, int]:
    return ("write", 0) if operand.region < 0 else ("read", operand.region)


def _splitting(mapping: Mapping) -> tirx.IndexMap:
    def parts(*iterators: Any) -> list[Any]:
        digits: list[Any] = []
        for value, extents in zip(iterators, mapping.splits, strict=True):
            digits += _digits(value, extents)
        return digits

    return index_map(parts, len(mapping.splits))


def _digits(value: Any, extents: Sequence[int]) -> list[Any]:
    """A number in a mixed base, the first digit unbounded."""
    digits: list[Any] = []
    for extent in reversed(extents[1:]):
        digits.insert(0, value % extent)
        value = value // extent
    return [value, *digits]


def _fusing(mapping: Mapping, axes: Sequence[int]) -> tirx.IndexMap:
    """From the iterators ``axes`` to the loops that they take part in."""
    extents = mapping.einsum.extents
    taken = set(axes)

    def fused(*iterators: Any) -> list[Any]:
        at = dict(zip(axes, iterators, strict=True))
        loops: list[Any] = []
        for group in mapping.loops:
            if group and not taken.issuperset(group):
                continue
            value: Any = 0
            for axis in group:
                value = value * extents[axis] + at[axis]
            loops.append(value)
        return loops

    return index_map(fused, len(axes))
