"""S1 for a machine that loads whole elements: operands laid out in DRAM, then copied from there.

Before: ``for i, j, k: C[i, j] += A[i, k] * B[k, j]``. After: as S1 leaves it, with copies of A and
B in their memories, which are made of ``B_dram[n/16, k/16, 16, 16]``, where an element of B lies
in one piece. Blocks before all loops make these, and what is padded or gathered. They are not the
accelerator's work: whoever calls the program does it, for a weight once. Where an operand lies in
whole elements as it comes, there is no such block.
"""

from __future__ import annotations

from heron_ms._tvm import SBlockRV
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.choices import NONE, ROOT
from heron_ms.space_generators.rules.s1_tensorize import Stages, tensorize_with
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import Stage
from heron_ms.space_generators.rules.stage_data import stage_data
from heron_ms.space_generators.rules.stage_weight import stage_weight
from heron_ms.tensorize.arrange import arranged


def tensorize_through_dram(sketching: Sketching) -> None:
    """Arrange, lay out, copy and blockize."""
    tensorize_with(_stages, sketching)


def _stages(sketching: Sketching, block: SBlockRV) -> Stages:
    sch, mapping = sketching.sch, sketching.mapping
    for operand, lay_out in (("B", stage_weight), ("A", stage_data)):
        place = NONE if mapping.in_place(operand) else ROOT
        lay_out(sch, block, mapping, place, GLOBAL)
    einsum = arranged(sch, block, mapping)
    return {
        operand: Stage(
            sch.cache_read(block, region, sketching.scope(operand), consumer_blocks=[block])
        )
        for operand, region in (("B", einsum.b.region), ("A", einsum.a.region))
    }
