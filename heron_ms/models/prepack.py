"""Models whose constant weights are packed once: MetaSchedule's cpu_weight_prepack.

Before: ``lv = call_tir(matmul, (x, w))`` where the tuned matmul begins by packing w. After:
``p = call_tir(matmul_weight_prepack, (w,)); lv = call_tir(matmul_prepacked, (x, p))``, the first of
which is evaluated while compiling if w is a constant, and becomes part of a function of its own,
``main_transform_params``, if w is a parameter.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, PassContext, Target, relax
from heron_ms.measure.cpu.vector_math import with_vector_math


def free_constants(mod: IRModule) -> IRModule:
    """A fused model with the layout of every constant of its functions left to the tuner.

    Constants are those of the model, and the parameters of "main" behind the first ``num_input``
    where it has that attribute.
    """
    return relax.transform.AttachAttrLayoutFreeBuffers()(mod)


def build_tuned(database: Any, mod: IRModule, target: Target, packed: bool) -> Any:
    """The executable of a fused model; the arguments are those of `with_records`."""
    scheduled = with_records(database, mod, target, packed)
    # Not the default of the target: that would fuse what is scheduled, such as a packing.
    pipeline = relax.get_pipeline("default_build")
    return relax.build(scheduled, target=target, relax_pipeline=pipeline)


def with_records(database: Any, mod: IRModule, target: Target, packed: bool) -> IRModule:
    """A fused model with the best records of a database; warns of each function without one.

    ``packed``: it is what `free_constants` returned, and its constants are packed here.
    """
    with target, database, PassContext(opt_level=3):
        scheduled = relax.transform.MetaScheduleApplyDatabase(enable_warning=True)(mod)
        return with_vector_math(_packed_ahead(scheduled) if packed else scheduled)


def _packed_ahead(mod: IRModule) -> IRModule:
    for step in (
        relax.transform.SplitLayoutRewritePreproc(),
        relax.transform.LiftTransformParams(),
        relax.transform.FoldConstant(),
    ):
        mod = step(mod)
    return mod
