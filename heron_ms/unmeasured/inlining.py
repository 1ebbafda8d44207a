"""Which blocks are computed where they are read: those that are cheap, or read once."""

from __future__ import annotations

from math import prod

from heron_ms._tvm import Call, SBlockRV, Schedule, collect, constant
from heron_ms.following import keeps_all
from heron_ms.unmeasured.blocks import attempt, blocks_of, is_output, is_reduction, iterations


def inline_cheap(sch: Schedule) -> None:
    """Inline every block that only moves or combines elements, as long as little is done twice."""
    for block in blocks_of(sch):
        if not is_reduction(sch, block) and not is_output(sch, block) and _pays(sch, block):
            attempt(sch.compute_inline, block)
    # An output that only copies or finishes what one other block makes takes its place.
    for block in reversed(blocks_of(sch)):
        if not is_reduction(sch, block) and _follows_elements(sch, block):
            attempt(sch.reverse_compute_inline, block)


def _pays(sch: Schedule, block: SBlockRV) -> bool:
    consumers = list(sch.get_consumers(block))
    is_cheap = not collect(sch.get(block).body, Call)
    read_once = len(consumers) == 1 and iterations(sch, consumers[0]) <= iterations(sch, block)
    return read_once or (is_cheap and not any(is_reduction(sch, c) for c in consumers))


def _follows_elements(sch: Schedule, block: SBlockRV) -> bool:
    """Whether the one producer of a block is elementwise and has as many elements."""
    producers = list(sch.get_producers(block))
    if len(producers) != 1 or is_reduction(sch, producers[0]):
        return False
    shape = sch.get(producers[0]).writes[0].source.shape
    is_as_large = prod(constant(size) or 1 for size in shape) == iterations(sch, block)
    return is_as_large and keeps_all(sch, producers[0], block)
