"""S1 Tensorize (Heron's generation rules): the inner tile of a matched block becomes the intrinsic.

Before: ``for i, j, k: C[i, j] += A[i, k] * B[k, j]``. After padding, packing and blockizing:
``for i, j/16, k/4: C_o`` where C_o is one intrinsic and B is a buffer (N/16, K/4, 16, 4). Loops
that the mapping leaves outside (a convolution's rows and kernel) are as before.
Emits (through the constraint rules): C1 for the constant splits.
"""

from __future__ import annotations

from collections.abc import Callable

from heron_ms._tvm import SBlockRV, Schedule, index_map
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import Stage, axes_of, last
from heron_ms.space_generators.rules.stage_data import stage_data
from heron_ms.space_generators.rules.stage_weight import stage_weight
from heron_ms.space_generators.rules.sum_in_blocks import cut_into_blocks
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.arrange import arrange, arranged
from heron_ms.tensorize.einsum import LANES
from heron_ms.tensorize.realize import blockize

Stages = dict[str, Stage]
"""The copy of each operand that has one."""


def tensorize(sketching: Sketching) -> None:
    """Arrange, pack and blockize; the intrinsic itself is put in when the loops are final."""
    tensorize_with(_stages, sketching)


def _stages(sketching: Sketching, block: SBlockRV) -> Stages:
    sch, mapping, choices = sketching.sch, sketching.mapping, sketching.choices
    b_stage = stage_weight(sch, block, mapping, choices.b, sketching.scope("B"))
    a_stage = stage_data(sch, block, mapping, choices.a, sketching.scope("A"))
    staged = {"B": b_stage, "A": a_stage}
    return {operand: stage for operand, stage in staged.items() if stage is not None}


def tensorize_with(stages: Callable[[Sketching, SBlockRV], Stages], sketching: Sketching) -> None:
    """`tensorize`, with what copies the operands of an arranged block."""
    sch, mapping = sketching.sch, sketching.mapping
    block = arrange(sch, sketching.block, mapping, sketching.choices.padded)
    sketching.stages = stages(sketching, block)
    # What brings a tile back to memory moves rows as they are.
    scope = GLOBAL if "C" in mapping.intrinsic.companions else sketching.scope("C")
    sketching.write_back = _lanes_last(sch, block, mapping, scope)
    if sketching.choices.in_blocks:
        sketching.sums, block = block, cut_into_blocks(sch, block, mapping)
    else:
        block = blockize(sch, block, mapping)
    sketching.block = block


def _lanes_last(sch: Schedule, block: SBlockRV, mapping: Mapping, scope: str) -> SBlockRV | None:
    """Accumulate with the lanes last where the result has them elsewhere."""
    if mapping.is_gathered or mapping.in_place("C"):
        return None
    einsum = arranged(sch, block, mapping)
    at = axes_of(einsum, einsum.c)
    if mapping.loop(LANES) not in at:
        return sch.reindex(block, ("write", 0))
    if at[-1] == mapping.loop(LANES):
        return None
    write_back = sch.cache_write(block, 0, scope)
    sch.transform_layout(
        block, ("write", 0), index_map(last(at.index(mapping.loop(LANES))), len(at))
    )
    return write_back
