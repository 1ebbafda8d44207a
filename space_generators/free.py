"""Which blocks of a schedule are still free to move: no rule has touched them."""

from __future__ import annotations

from heron_ms._tvm import For, PrimFunc, SBlockRV, Schedule, tirx


def root_of(sch: Schedule) -> str:
    """The name of the root block of the one function, which need not be "root"."""
    [body] = [func.body for _, func in sch.mod.functions_items() if isinstance(func, PrimFunc)]
    return str(body.block.name_hint)


def is_free(sch: Schedule, block: SBlockRV) -> bool:
    """Whether a block only moves memory, and still has the loops that it came with."""
    return is_spatial(sch, block) and is_untouched(sch, block)


def is_untouched(sch: Schedule, block: SBlockRV) -> bool:
    """Whether the outermost loop of a block is a serial one."""
    # By references: asking the schedule for loops would add to its trace.
    outermost = sch.get_sref(block)
    while isinstance(outermost.parent.stmt, For):
        outermost = outermost.parent
    return isinstance(outermost.stmt, For) and outermost.stmt.kind == tirx.ForKind.SERIAL


def is_spatial(sch: Schedule, block: SBlockRV) -> bool:
    """Whether no iterator of a block is one of a reduction."""
    kinds = [int(iterator.iter_type) for iterator in sch.get(block).iter_vars]
    return all(kind == tirx.IterVar.DataPar for kind in kinds)


def is_in_place(sch: Schedule, block: SBlockRV) -> bool:
    """Whether a block reads what it writes, so that TVM neither moves nor parallelises it."""
    node = sch.get(block)
    return any(a.source.same_as(b.source) for a in node.reads for b in node.writes)


def feeds_copies(sch: Schedule, block: SBlockRV) -> bool:
    """Whether all that read the result of a block only move memory."""
    # Of a copy: the question would be written into the trace.
    asked = sch.copy()
    return all(is_spatial(asked, consumer) for consumer in asked.get_consumers(block))
