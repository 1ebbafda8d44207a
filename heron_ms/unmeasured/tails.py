"""Reductions of a length that vectors do not divide, as a part that they do and a short rest.

Before: ``for k < 197: s[i] max= a[i, k]``, an element at a time. After, with vectors of 16:
``for k < 192: s_0[i] max= a[i, k]``, then ``s[i] = s_0[i]; for k < 5: s[i] max= a[i, 192 + k]``.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import BufferStore, PrimFunc, SBlock, constant, itemsize, reduces, tirx, uses
from heron_ms.hardware import Cpu
from heron_ms.normalization.compose import point
from heron_ms.normalization.cut import cut
from heron_ms.normalization.nests import block_of, nest
from heron_ms.normalization.rewrite import Rewrite, rewritten


def split_tails(func: PrimFunc, machine: Cpu) -> PrimFunc:
    """The function with its odd reductions along contiguous elements in two parts."""
    return rewritten(func, lambda rewrite, place: _split(rewrite, place, machine))


def _split(rewrite: Rewrite, place: int, machine: Cpu) -> bool:
    group = rewrite.statements[place]
    block = block_of(group[-1])
    if block is None or not _is_reduction(block):
        return False
    out, last = block.writes[0].source, len(block.iter_vars) - 1
    length = constant(block.iter_vars[last].dom.extent) or 0
    whole = length - length % (machine.vector_bytes // itemsize(out))
    if whole in (0, length):
        return False
    part = rewrite.part(out, {}, 0)
    name = rewrite.fresh(f"{block.name_hint}_0")
    begun = cut(block, name, {last: range(whole)}, [part])
    ended = cut(block, str(block.name_hint), {last: range(whole, length)}, [])
    group[-1:] = [nest(begun), nest(_begun_with(ended, part.new))]
    return True


def _is_reduction(block: Any) -> bool:
    """Whether a block reduces along contiguous elements of what it reads, into one element."""
    stores = isinstance(block.body, BufferStore) and isinstance(block.init, BufferStore)
    if not stores or not reduces(block.iter_vars[-1]):
        return False
    last = block.iter_vars[-1].var
    return any(uses(read.region[-1].min, last) for read in block.reads if len(read.region))


def _begun_with(block: Any, buffer: Any) -> Any:
    """A reduction that goes on from what a buffer of the same shape holds."""
    at = list(block.init.indices)
    init = BufferStore(block.init.buffer, tirx.BufferLoad(buffer, at), at)
    reads = [*block.reads, point(buffer, at)]
    return SBlock(block.iter_vars, reads, block.writes, block.name_hint, block.body, init)
