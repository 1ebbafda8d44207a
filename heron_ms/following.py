"""Whether a block can be computed where what it reads is stored, and nothing of its result lost."""

from __future__ import annotations

from math import prod
from typing import Any

from heron_ms._tvm import Analyzer, SBlock, SBlockRV, Schedule, constant


def keeps_all(sch: Schedule, producer: SBlockRV, consumer: SBlockRV) -> bool:
    """Whether a consumer has no more elements than it reads of what a producer writes.

    TVM's `reverse_compute_inline` runs a consumer once for each of these. It takes one with more,
    such as one that puts zeros between them, and then never writes the others (docs/tvm.md).
    """
    written, node = sch.get(producer).writes[0].source, sch.get(consumer)
    regions = [region.region for region in node.reads if region.source.same_as(written)]
    return all(_size(node.writes[0].source) <= _read(node, region) for region in regions)


def _read(node: SBlock, region: Any) -> int:
    """Elements between the first and the last that all runs of a block read, in each dimension."""
    analyzer = Analyzer()
    for iterator in node.iter_vars:
        analyzer.bind(iterator.var, iterator.dom)
    bounds = [analyzer.const_int_bound(at.min) for at in region]
    sizes = [constant(at.extent) or 0 for at in region]
    return prod(
        int(bound.max_value) - int(bound.min_value) + size
        for bound, size in zip(bounds, sizes, strict=True)
    )


def _size(buffer: Any) -> int:
    return prod(constant(extent) or 0 for extent in buffer.shape)
