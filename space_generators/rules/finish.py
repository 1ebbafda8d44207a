"""The finishing primitives, inherited from Ansor: initialise, vectorise, unroll.

Before: a tiled block with its init inside. After: the init outside the reduction, the intrinsic
put in, the register tile unrolled so that LLVM keeps the accumulators in registers. Emits C5 (the
registers).
"""

from __future__ import annotations

from heron_ms.hardware.structure import UNROLL
from heron_ms.space_generators.rules.sketching import Sketching


def finish(sketching: Sketching) -> None:
    """Make the loops final and tensorize."""
    sch, nest = sketching.sch, sketching.nest
    around = len(sch.get_loops(sketching.block)) - sketching.loops_inside
    init = sch.decompose_reduction(sketching.block, nest.reduction)
    zero = sketching.mapping.intrinsic.companions.get("zero")
    if zero is None:
        sch.vectorize(sch.get_loops(sch.get_child_blocks(init)[0])[-1])
    else:
        if sketching.mapping.intrinsic.accumulators:
            for loop in sch.get_loops(init)[around:]:
                sch.unroll(loop)
        sch.tensorize(init, zero)
    sch.tensorize(sketching.block, sketching.mapping.intrinsic_name)
    for level, loops in zip(sketching.tiling.structure, nest.levels, strict=True):
        for loop in loops if level.binding == UNROLL else ():
            sch.unroll(loop)
