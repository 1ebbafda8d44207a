"""Whether a block can be computed where what it reads is stored, and nothing of its result lost."""

from __future__ import annotations

from math import prod
from typing import Any

from heron_ms._tvm import (
    Analyzer,
    FloorMod,
    SBlock,
    SBlockRV,
    Schedule,
    TensorLoad,
    collect,
    constant,
)


def keeps_all(sch: Schedule, producer: SBlockRV, consumer: SBlockRV) -> bool:
    """Whether a consumer has no more elements than it reads of what a producer writes.

    TVM's `reverse_compute_inline` runs a consumer once for each of these. It takes one with more,
    such as one that puts zeros between them, and then never writes the others (docs/tvm.md).
    """
    written, node = sch.get(producer).writes[0].source, sch.get(consumer)
    regions = [region.region for region in node.reads if region.source.same_as(written)]
    return all(_size(node.writes[0].source) <= _read(node, region) for region in regions)


def tells_padding_apart(sch: Schedule, producer: SBlockRV, consumer: SBlockRV) -> bool:
    """Whether a consumer that is computed where a producer stores knows what of it is padding.

    TVM's `reverse_compute_inline` makes ``O[v0 * 52 + v1] = C[v0, v1]`` of
    ``O[i] = C[i // 52, i % 52]``, wherever that is in O. Where rows of C are padded,
    so that ``v1`` goes on to 64, the end of one is written to the beginning of the next.
    """
    node, other = sch.get(producer), sch.get(consumer)
    [written] = node.writes
    stored = _extents(node, written.region)
    loads = [
        load for load in collect(other.body, TensorLoad) if load.source.same_as(written.source)
    ]
    regions = [region.region for region in other.reads if region.source.same_as(written.source)]
    return not any(
        size > read and any(collect(load.indices[at], FloorMod) for load in loads)
        for region in regions
        for at, (size, read) in enumerate(zip(stored, _extents(other, region), strict=True))
    )


def _read(node: SBlock, region: Any) -> int:
    """Elements between the first and the last that all runs of a block read."""
    return prod(_extents(node, region))


def _extents(node: SBlock, region: Any) -> list[int]:
    """From the first to the last that all runs of a block access, in each dimension."""
    analyzer = Analyzer()
    for iterator in node.iter_vars:
        analyzer.bind(iterator.var, iterator.dom)
    bounds = [analyzer.const_int_bound(at.min) for at in region]
    sizes = [constant(at.extent) or 0 for at in region]
    return [
        int(bound.max_value) - int(bound.min_value) + size
        for bound, size in zip(bounds, sizes, strict=True)
    ]


def _size(buffer: Any) -> int:
    return prod(constant(extent) or 0 for extent in buffer.shape)
