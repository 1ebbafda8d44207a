"""S3 multi-scope SPM (Heron's generation rules): an accumulator of its own for the output.

Before: ``C_o`` accumulates into C in memory. After: it accumulates into a buffer of one
accumulator tile, which a write-back block copies to C when the tile is complete, with the
elementwise consumers of C computed on the way. Emits C4 and C5.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import gcd, prod

from heron_ms._tvm import SBlockRV, Schedule, constant
from heron_ms.following import keeps_all, tells_padding_apart
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.free import feeds_copies, is_free, is_spatial
from heron_ms.space_generators.rules.hold_tiles import hold_tiles, store_tiles
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import put_in
from heron_ms.space_generators.rules.sum_in_blocks import add_blocks
from heron_ms.space_generators.rules.written_back import completed, written_back


def accumulate(sketching: Sketching) -> None:
    """Cache the output in a tile inside of the level that holds it."""
    if not sketching.mapping.intrinsic.accumulators:
        _store(sketching, written_back(sketching))
        return
    if sketching.sums is not None:
        _accumulate_in_blocks(sketching, sketching.sums)
        return
    stored = hold_tiles(sketching)
    written = sketching.write_back or sketching.scratch
    if written is not None:
        _store(sketching, completed(sketching, written))
    store_tiles(sketching, stored)


def _accumulate_in_blocks(sketching: Sketching, sums: SBlockRV) -> None:
    """Add up blocks of a reduction in memory, and write back what a task has summed up."""
    sch = sketching.sch
    stored = hold_tiles(sketching)
    written = sketching.write_back
    if written is None and len(sch.get_consumers(sums)):
        written = sch.cache_write(sums, 0, GLOBAL)
    add_blocks(sketching, sums)
    if written is not None:
        sch.reverse_compute_at(written, sketching.nest.inside(0), preserve_unit_loops=True)
        _store(sketching, written)
    store_tiles(sketching, stored)


def _store(sketching: Sketching, write_back: SBlockRV) -> None:
    """Let what writes a tile back do so with its consumers, in vectors, or by the intrinsic."""
    sch, intrinsic = sketching.sch, sketching.mapping.intrinsic
    if "C" in intrinsic.companions and not intrinsic.accumulators:
        put_in(sch, write_back, (intrinsic.rows, intrinsic.lanes), intrinsic.companions["C"])
        return
    fuse_consumers(sch, write_back)
    if sketching.write_back is not None:
        return  # the lanes are not last in the result, so there are no vectors to store
    # A vector that straddled the edge of a cropped output would be computed lane by lane.
    columns = int(sch.get(write_back).writes[0].source.shape[-1])
    width = gcd(columns, intrinsic.lanes)
    _, vector = sch.split(sch.get_loops(write_back)[-1], [None, width])
    sch.vectorize(vector)


def fuse_consumers(
    sch: Schedule, block: SBlockRV, wanted: Callable[[SBlockRV], bool] = lambda _: True
) -> None:
    """Inline the elementwise consumers of a block into it, as far as there is just one, wanted."""
    while True:
        consumers = sch.get_consumers(block)
        if len(consumers) != 1 or not wanted(consumers[0]):
            return
        _inline_others(sch, block, consumers[0])
        if not _elementwise(sch, block, consumers[0]):
            return
        if not _must_cover(sch, block, consumers[0]):
            sch.reverse_compute_inline(consumers[0])
        elif feeds_copies(sch, consumers[0]):
            sch.compute_inline(consumers[0])
        else:
            return  # inlined into a sum, it would be an operand that no intrinsic loads


def _inline_others(sch: Schedule, block: SBlockRV, consumer: SBlockRV) -> None:
    """Let a consumer compute what else it reads, such as a residual that is scaled first."""
    place = _other_maker(sch.copy(), str(sch.get(block).name_hint), consumer)
    if place is not None:
        sch.compute_inline(sch.get_producers(consumer)[place])
        _inline_others(sch, block, consumer)


def _other_maker(asked: Schedule, name: str, consumer: SBlockRV) -> int | None:
    """Which producer of a consumer can be inlined into it, but one; asked of a copy.

    The questions would be written into the trace.
    """
    for place, maker in enumerate(asked.get_producers(consumer)):
        is_other = str(asked.get(maker).name_hint) != name
        moves = is_other and is_free(asked, maker) and feeds_copies(asked, maker)
        if moves and goes(asked, partial(Schedule.compute_inline, block=maker)):
            return place
    return None


def goes(sch: Schedule, step: Callable[[Schedule], None]) -> bool:
    """Whether a step can be done, tried on a copy."""
    try:
        step(sch.copy())
    except Exception:  # TVM raises ScheduleError for every reason not to inline
        return False
    return True


def _must_cover(sch: Schedule, block: SBlockRV, consumer: SBlockRV) -> bool:
    """Whether a write-back that takes in a consumer need not cover what is read of the result.

    As far as TVM can prove, which then refuses to move anything else: whatever reads has to crop.
    """
    crops = elements(sch, consumer) < elements(sch, block)
    return _leads_to_join(sch, block) or (crops and leads_to_sum(sch, consumer))


def _leads_to_join(sch: Schedule, block: SBlockRV) -> bool:
    """Whether a copy of a block's result, or the copy's copy and so on, has more elements."""
    consumers = sch.get_consumers(block)
    while len(consumers) == 1 and is_spatial(sch, consumers[0]):
        if elements(sch, consumers[0]) > elements(sch, block):
            return True
        block, consumers = consumers[0], sch.get_consumers(consumers[0])
    return False


def leads_to_sum(sch: Schedule, block: SBlockRV) -> bool:
    """Whether what is read of a block's result, by whatever copies, is added up."""
    consumers = sch.get_consumers(block)
    return any(
        not is_spatial(sch, consumer) or leads_to_sum(sch, consumer) for consumer in consumers
    )


def _elementwise(sch: Schedule, block: SBlockRV, consumer: SBlockRV) -> bool:
    if not keeps_all(sch, block, consumer) or _picks(sch, block, consumer):
        return False
    if not tells_padding_apart(sch, block, consumer):
        return False
    return goes(sch, lambda trial: trial.reverse_compute_inline(consumer))


def _picks(sch: Schedule, block: SBlockRV, consumer: SBlockRV) -> bool:
    """Whether a consumer reads one place of a dimension: inlined, TVM would store all of them."""
    buffer = sch.get(block).writes[0].source
    regions = [region.region for region in sch.get(consumer).reads if region.source.same_as(buffer)]
    return any(
        constant(at.min) is not None and constant(at.extent) != constant(size)
        for region in regions
        for at, size in zip(region, buffer.shape, strict=True)
    )


def elements(sch: Schedule, block: SBlockRV) -> int:
    """How many elements the result of a block has."""
    return prod(int(extent) for extent in sch.get(block).writes[0].source.shape)
