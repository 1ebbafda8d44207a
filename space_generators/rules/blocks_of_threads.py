"""What is left of a program beside its tensorized blocks: a crop, a sum of partial sums.

Before: ``for i, j: D[i, j] = C[i, j]``. After: ``blockIdx.x | threadIdx.x`` over all of it, the
reduction, if there is one, in each thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms._tvm import LoopRV, SBlockRealize, SBlockRV, Schedule, any_uses, collect, reduces
from heron_ms.hardware import Machine
from heron_ms.space_generators.free import is_untouched, root_of

THREADS = 128


def bind_rest(sch: Schedule, machine: Machine) -> None:
    """Give every block that no rule has touched threads, one for each element of its result."""
    for block in sch.get_child_blocks(sch.get_sblock(root_of(sch))):
        if is_untouched(sch, block):
            bind(sch, block)


def bind(sch: Schedule, block: SBlockRV) -> LoopRV:
    """Give a block threads, one for each element of its result; the loop of the threads."""
    loops = sch.get_loops(block)
    reducing = _reducing(sch, block, loops)
    spatial = [loop for loop in loops if loop not in reducing]
    if not spatial:
        spatial = [sch.add_unit_loop(loops[0])]
    elif reducing:
        sch.reorder(*spatial, *reducing)
    outer, inner = sch.split(sch.fuse(*spatial), [None, THREADS])
    sch.bind(outer, "blockIdx.x")
    sch.bind(inner, "threadIdx.x")
    return inner


def _reducing(sch: Schedule, block: SBlockRV, loops: Sequence[LoopRV]) -> list[LoopRV]:
    """The loops that an iterator of a reduction is made of."""
    node = sch.get(block)
    nest = sch.get(loops[-1])
    [values] = [one.iter_values for one in collect(nest, SBlockRealize) if one.block.same_as(node)]
    reduced = [
        value for value, iterator in zip(values, node.iter_vars, strict=True) if reduces(iterator)
    ]
    return [loop for loop in loops if any_uses(reduced, sch.get(loop).loop_var)]
