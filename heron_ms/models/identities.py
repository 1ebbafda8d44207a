"""Blocks that copy a tensor as it is, such as what a convolution without padding begins with.

Before: ``pad_temp[n, y, x, c] = data[n, y, x, c]``, and a sum that reads pad_temp. After: the sum
reads the data, so that whoever schedules it need not copy them.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import (
    IRModule,
    PrimFunc,
    SBlock,
    Schedule,
    ScheduleError,
    collect,
    constant,
    with_functions,
)
from heron_ms.models.moves import moved


def without_identities(mod: IRModule) -> IRModule:
    """A module whose functions read what they would copy as it is; their outputs stay copies."""
    return with_functions(mod, _inlined)


def _inlined(func: PrimFunc) -> PrimFunc:
    identities = [block for block in collect(func.body, SBlock) if _is_identity(block)]
    if not identities:
        return func
    sch = Schedule(IRModule({"main": func}), debug_mask="none", error_render_level="none")
    for block in identities:
        try:
            sch.compute_inline(sch.get_sblock(str(block.name_hint)))
        except ScheduleError:  # an output, or one that something else writes too
            continue
    return sch.mod["main"]


def _is_identity(block: Any) -> bool:
    """Whether a block stores what it loads at the same place of a tensor of the same shape."""
    move = moved(block)
    if move is None:
        return False
    store, load = move
    indices = zip(load.indices, store.indices, strict=False)
    shapes = [[constant(size) for size in b.shape] for b in (load.source, store.buffer)]
    same = len(load.indices) == len(store.indices) and all(a.same_as(b) for a, b in indices)
    return same and shapes[0] == shapes[1] and None not in shapes[0]
