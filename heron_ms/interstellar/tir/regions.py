"""Blocks whose body is not made of stores, such as tensor intrinsics: by their declared regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from heron_ms._tvm import For, constant, tirx
from heron_ms.errors import ModelError
from heron_ms.interstellar.tir.accesses import Access
from heron_ms.interstellar.tir.place import Place, access_at


def is_opaque(block: Any) -> bool:
    """Whether the body has calls for their effect, or views of a buffer, as an intrinsic has."""
    return bool(block.match_buffers) or _evaluates(block.body)


def _evaluates(node: Any) -> bool:
    if isinstance(node, tirx.SeqStmt):
        return any(_evaluates(statement) for statement in node.seq)
    if isinstance(node, For):
        return _evaluates(node.body)
    return isinstance(node, tirx.Evaluate)


def regions(block: Any, place: Place) -> Iterator[Access]:
    """The declared regions; an output that is also read is accumulated."""
    copies = len(block.reads) == 1 == len(block.writes)
    role = "copy" if copies else "load"
    for region in block.reads:
        yield _region(region, place, False, role)
    for region in block.writes:
        stored = "copy" if copies else "store" if len(block.reads) else "fill"
        yield _region(region, place, True, stored)


def _region(region: Any, place: Place, write: bool, role: str) -> Access:
    shape = [constant(dimension.extent) for dimension in region.region]
    if None in shape:
        raise ModelError(f"block {place.block.name_hint} declares a region of unknown size")
    starts = [dimension.min for dimension in region.region]
    found = access_at(region.source, starts, place, write, role)
    return replace(found, shape=tuple(extent for extent in shape if extent is not None))
