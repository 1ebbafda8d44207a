"""Whether an einsum's block makes the whole of a buffer from a constant and its products alone."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import BufferStore, TensorLoad, constant, tirx
from heron_ms.tensorize.einsum import Einsum, read_einsum
from heron_ms.tensorize.reasons import Refused


def read_whole(block: Any) -> Einsum | None:
    """A block as an einsum that makes the whole of its result; None for any other block."""
    try:
        einsum = read_einsum(block)
    except Refused:
        return None
    return einsum if _is_whole(einsum, block) else None


def _is_whole(einsum: Einsum, block: Any) -> bool:
    """Whether each spatial iterator is an index of C over all of it, and the sum goes on from C."""
    shape = [constant(size) for size in einsum.c.buffer.shape]
    at = [_iterator(einsum, index) for index in einsum.c.indices]
    spatial = {p for p, axis in enumerate(einsum.axes) if not axis.reduces}
    extents = [None if p is None else einsum.axes[p].extent for p in at]
    once = len(at) == len(spatial) and set(at) == spatial
    return once and extents == shape and _starts_from_constant(block) and goes_on(block)


def _iterator(einsum: Einsum, index: Any) -> int | None:
    same = [p for p, axis in enumerate(einsum.axes) if axis.var.same_as(index)]
    return same[0] if same else None


def _starts_from_constant(block: Any) -> bool:
    if not isinstance(block.init, BufferStore):
        return False
    literal = isinstance(block.init.value, (tirx.IntImm, tirx.FloatImm))
    return literal and at_same(block.init, block.body)


def goes_on(block: Any) -> bool:
    """Whether what the product is added to is the element that is stored."""
    store = block.body
    terms = [term for term in (store.value.a, store.value.b) if isinstance(term, TensorLoad)]
    return any(term.source.same_as(store.buffer) and at_same(term, store) for term in terms)


def at_same(access: Any, store: Any) -> bool:
    """Whether a load or a store has the very indices of another store."""
    pairs = zip(access.indices, store.indices, strict=False)
    return len(access.indices) == len(store.indices) and all(a.same_as(b) for a, b in pairs)


def is_plain(einsum: Einsum) -> bool:
    """Whether the indices of C are its spatial iterators, each once."""
    spatial = [axis.var for axis in einsum.axes if not axis.reduces]
    once = all(sum(var.same_as(at) for at in einsum.c.indices) == 1 for var in spatial)
    return once and len(spatial) == len(einsum.c.indices)
