"""Models whose constant weights are packed once: MetaSchedule's cpu_weight_prepack.

Before: ``lv = call_tir(matmul, (x, w))`` where the tuned matmul begins by packing w. After:
``p = call_tir(matmul_weight_prepack, (w,)); lv = call_tir(matmul_prepacked, (x, p))``, the first of
which is evaluated while compiling if w is a constant, and becomes part of a function of its own,
``main_transform_params``, if w is a parameter.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, PassContext, Target, relax


def free_constants(mod: IRModule) -> IRModule:
    """A fused model with the layout of every constant of its functions left to the tuner.

    Constants are those of the model, and the parameters of "main" behind the first ``num_input``
    where it has that attribute.
    """
    return relax.transform.AttachAttrLayoutFreeBuffers()(mod)


def build_tuned(database: Any, mod: IRModule, target: Target, packed: bool) -> Any:
    """The executable of a fused model, with the best records of a database.

    ``packed``: it is what `free_constants` returned, and its constants are packed here.
    """
    with target, database, PassContext(opt_level=3):
        mod = relax.transform.MetaScheduleApplyDatabase(enable_warning=True)(mod)
        if packed:
            mod = _packed_ahead(mod)
        # Not the default of the target: that would fuse what is scheduled, such as a packing.
        return relax.build(mod, target=target, relax_pipeline=relax.get_pipeline("default_build"))


def _packed_ahead(mod: IRModule) -> IRModule:
    for step in (
        relax.transform.SplitLayoutRewritePreproc(),
        relax.transform.LiftTransformParams(),
        relax.transform.FoldConstant(),
    ):
        mod = step(mod)
    return mod
