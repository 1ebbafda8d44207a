"""The finishing primitives, inherited from Ansor: initialise, vectorise, unroll.

Before: a tiled block with its init inside. After: the init outside the reduction, the intrinsic
put in, the register tile unrolled so that LLVM keeps the accumulators in registers. Emits C5 (the
registers).
"""

from __future__ import annotations

from heron_ms._tvm import Schedule
from heron_ms.space_generators.tensorize import Tensorized
from heron_ms.space_generators.tiling import Nest
from heron_ms.tensorize import Mapping


def finish(sch: Schedule, tensorized: Tensorized, mapping: Mapping, nest: Nest) -> None:
    """Make the loops final and tensorize."""
    init = sch.decompose_reduction(tensorized.block, nest.reduction)
    sch.vectorize(sch.get_loops(sch.get_child_blocks(init)[0])[-1])
    sch.tensorize(tensorized.block, mapping.intrinsic_name)
    for loop in nest.register:
        sch.unroll(loop)
