"""S1 Tensorize (Heron's generation rules): the inner tile of a matched block becomes the intrinsic.

Before: ``for i, j, k: C[i, j] += A[i, k] * B[k, j]``. After padding, packing and blockizing:
``for i, j/16, k/4: C_o`` where C_o is one intrinsic and B is a buffer (N/16, K/4, 16, 4). Loops
that the mapping leaves outside (a convolution's rows and kernel) are as before.
Emits (through the constraint rules): C1 for the constant splits.
"""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import SBlockRV, Schedule, index_map
from heron_ms.space_generators.choices import Choices
from heron_ms.space_generators.stage import Stage, axes_of, last
from heron_ms.space_generators.stage_data import stage_data
from heron_ms.space_generators.stage_weight import stage_weight
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.arrange import arrange, arranged
from heron_ms.tensorize.einsum import LANES
from heron_ms.tensorize.realize import blockize


@dataclass(frozen=True)
class Tensorized:
    """The outer block, the stages of its operands (None where read in place), and the block that
    writes back a result of another layout (None where there is none)."""

    block: SBlockRV
    a_stage: Stage | None
    b_stage: Stage | None
    write_back: SBlockRV | None


def tensorize(sch: Schedule, mapping: Mapping, choices: Choices) -> Tensorized:
    """Arrange, pack and blockize; the intrinsic itself is put in when the loops are final."""
    block = sch.get_sblock(mapping.block)
    block = arrange(sch, block, mapping, choices.padded)
    b_stage = stage_weight(sch, block, mapping, choices.b)
    a_stage = stage_data(sch, block, mapping, choices.a)
    write_back = _lanes_last(sch, block, mapping)
    return Tensorized(blockize(sch, block, mapping), a_stage, b_stage, write_back)


def _lanes_last(sch: Schedule, block: SBlockRV, mapping: Mapping) -> SBlockRV | None:
    """Accumulate with the lanes last where the result has them elsewhere."""
    if mapping.is_gathered or mapping.in_place("C"):
        return None
    einsum = arranged(sch, block, mapping)
    at = axes_of(einsum, einsum.c)
    if mapping.loop(LANES) not in at:
        return sch.reindex(block, ("write", 0))
    if at[-1] == mapping.loop(LANES):
        return None
    write_back = sch.cache_write(block, 0, "global")
    sch.transform_layout(
        block, ("write", 0), index_map(last(at.index(mapping.loop(LANES))), len(at))
    )
    return write_back
