"""Where a tile of the result is complete: the block that brings it to memory stands there."""

from __future__ import annotations

from heron_ms._tvm import SBlockRV
from heron_ms.space_generators.rules.sketching import Sketching


def written_back(sketching: Sketching) -> SBlockRV:
    """The block that copies a complete tile to the output, moved to where the tile is held."""
    return completed(sketching, copied_out(sketching))


def copied_out(sketching: Sketching) -> SBlockRV:
    """The block that copies the result from what holds its tiles, wherever it stands."""
    if sketching.write_back is not None:
        return sketching.write_back
    return sketching.sch.cache_write(sketching.block, 0, sketching.scope("C"))


def completed(sketching: Sketching, copy: SBlockRV) -> SBlockRV:
    """A block that reads a tile, moved to where the tile is complete."""
    # The crop of a padded output must be inlined after the move: moved afterwards, a block loses
    # its predicate in TVM 0.27 and would write out of bounds.
    tile = sketching.nest.inside(sketching.holding("C"))
    sketching.sch.reverse_compute_at(copy, tile, preserve_unit_loops=True)
    return copy
