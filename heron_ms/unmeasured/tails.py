"""Reductions of a length that vectors do not divide, as a part that they do and a short rest.

Before: ``for k < 197: s[i] max= a[i, k]``, an element at a time. After, with vectors of 16:
``for k < 192: s_0[i] max= a[i, k]``, then ``s[i] = s_0[i]; for k < 5: s[i] max= a[i, 192 + k]``.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import BufferStore, PrimFunc, SBlock, constant, itemsize, reduces, tirx, uses
from heron_ms.normalization.compose import point
from heron_ms.normalization.cut import cut
from heron_ms.normalization.nests import block_of, nest
from heron_ms.normalization.rewrite import Rewrite, rewritten

VECTOR = 64
"""Bytes of the widest vectors that a CPU has; those of the others divide it."""


def split_tails(func: PrimFunc) -> PrimFunc:
    """The function with its odd reductions along contiguous elements in two parts.

    Of one tensor alone: sums of products are padded where an intrinsic computes them.
    """
    return rewritten(func, _split)


def _split(rewrite: Rewrite, place: int) -> bool:
    group = rewrite.statements[place]
    block = block_of(group[-1])
    if block is None or not _is_reduction(block):
        return False
    out, last = block.writes[0].source, len(block.iter_vars) - 1
    length = constant(block.iter_vars[last].dom.extent) or 0
    whole = length - length % (VECTOR // itemsize(out))
    if whole in (0, length):
        return False
    part = rewrite.part(out, {}, 0)
    name = rewrite.fresh(f"{block.name_hint}_0")
    begun = cut(block, name, {last: range(whole)}, [part])
    ended = cut(block, str(block.name_hint), {last: range(whole, length)}, [])
    group[-1:] = [nest(begun), nest(_begun_with(ended, part.new))]
    return True


def _is_reduction(block: Any) -> bool:
    """Whether a block reduces contiguous elements of the one tensor that it reads into one."""
    stores = isinstance(block.body, BufferStore) and isinstance(block.init, BufferStore)
    if not stores or not block.iter_vars or not reduces(block.iter_vars[-1]):
        return False
    read = [region for region in block.reads if not region.source.same_as(block.body.buffer)]
    along = len(read) == 1 and len(read[0].region) > 0
    return along and uses(read[0].region[-1].min, block.iter_vars[-1].var)


def _begun_with(block: Any, buffer: Any) -> Any:
    """A reduction that goes on from what a buffer of the same shape holds."""
    at = list(block.init.indices)
    init = BufferStore(block.init.buffer, tirx.BufferLoad(buffer, at), at)
    reads = [*block.reads, point(buffer, at)]
    return SBlock(block.iter_vars, reads, block.writes, block.name_hint, block.body, init)
