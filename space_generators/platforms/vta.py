"""VTA: Heron's rules for it, with tiles of all operands in memories of their own."""

from __future__ import annotations

from heron_ms.hardware.vta import COPIES
from heron_ms.space_generators.platforms.platform import Platform
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.s3_multi_scope import fuse_consumers, written_back
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.through_dram import tensorize_through_dram
from heron_ms.space_generators.rules.tiling import tile


def accumulate(sketching: Sketching) -> None:
    """Cache the output in accumulators, and compute on them what comes behind it."""
    fuse_consumers(sketching.sch, written_back(sketching))


def take_turns(sketching: Sketching) -> None:
    """Sample in how many places the tiles of a level take turns, a decision for each level.

    With two of them, the next tile is loaded, or the last one stored, while one is in use.
    """
    for level, described in enumerate(sketching.machine.structure):
        if described.holds:
            copies = sketching.sch.sample_categorical([1, 2], [0.5, 0.5])
            sketching.sch.annotate(sketching.nest.inside(level), COPIES, copies)


VTA = Platform((tensorize_through_dram, tile, accumulate, attach, take_turns, finish))
