"""VTA: Heron's rules for it, with tiles of all operands in memories of their own."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms._tvm import SBlockRV, TensorLoad, Var, collect
from heron_ms.hardware.vta import COPIES, ORDER
from heron_ms.intrinsics.vta_alu import is_computed
from heron_ms.space_generators.platforms.platform import Platform
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.s3_multi_scope import fuse_consumers
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.through_dram import tensorize_through_dram
from heron_ms.space_generators.rules.tiling import tile
from heron_ms.space_generators.rules.written_back import written_back
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.einsum import ROWS


def accumulate(sketching: Sketching) -> None:
    """Cache the output in accumulators, and compute on them what comes behind it.

    What else that reads, such as a bias, is loaded into accumulators beside the tile. What the ALU
    does not compute, such as scaling by floats, is left to the caller, who is given all 32 bits
    then; so is what only moves a result to other places, under conditions.
    """
    sch, write_back = sketching.sch, written_back(sketching)
    fuse_consumers(sch, write_back, lambda consumer: _is_computed(sketching, consumer))
    tile = sketching.nest.inside(sketching.holding("C"))
    for number, read in enumerate(sch.get(write_back).reads):
        if str(read.source.scope()) != sketching.scope("C"):
            operand = sch.cache_read(write_back, number, sketching.scope("C"))
            sch.compute_at(operand, tile, preserve_unit_loops=True)


def _is_computed(sketching: Sketching, consumer: SBlockRV) -> bool:
    """Whether a block leaves every element where it is, as it is or with what the ALU computes."""
    body = sketching.sch.get(consumer).body
    loads = collect(body, TensorLoad)
    stays = all(isinstance(index, Var) for load in loads for index in load.indices)
    if not stays or (len(loads) > 1 and not _has_rows(sketching.mapping, loads)):
        return False
    return isinstance(body.value, TensorLoad) or is_computed(body.value)


def _has_rows(mapping: Mapping, loads: Sequence[TensorLoad]) -> bool:
    """Whether the elements of all operands have the rows of those of the first one.

    A bias would have to be there once for each row of an element, which no load does; and what is
    not padded ends within one.
    """
    rows = mapping.intrinsic.rows
    alike = len({str(load.indices) for load in loads}) == 1
    return rows == 1 or (alike and mapping.size(ROWS) % rows == 0)


def take_turns(sketching: Sketching) -> None:
    """Sample in how many places the tiles of a level take turns, a decision for each level.

    With two of them, the next tile is loaded, or the last one stored, while one is in use.
    """
    for level, described in enumerate(sketching.machine.structure):
        if described.holds:
            copies = sketching.sch.sample_categorical([1, 2], [0.5, 0.5])
            sketching.sch.annotate(sketching.nest.inside(level), COPIES, copies)


def order_tiles(sketching: Sketching) -> None:
    """Sample whether tiles of the output are computed row by row, or column by column (1).

    Where a tile of A holds the whole reduction, it stays on the chip along a row of tiles, and one
    of B along a column.
    """
    nest, level = sketching.nest, sketching.holding("C")
    if len(nest.factors[level]) > 1:
        order = sketching.sch.sample_categorical([0, 1], [0.5, 0.5])
        first = nest.levels[level][-len(nest.factors[level])]
        sketching.sch.annotate(first, ORDER, order)


VTA = Platform((tensorize_through_dram, tile, accumulate, attach, take_turns, order_tiles, finish))
