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


def build_prepacked(database: Any, mod: IRModule, target: Target) -> Any:
    """The executable of what `free_constants` returned, with the best records of a database."""
    with target, database, PassContext(opt_level=3):
        for step in (
            relax.transform.MetaScheduleApplyDatabase(enable_warning=True),
            relax.transform.SplitLayoutRewritePreproc(),
            relax.transform.LiftTransformParams(),
            relax.transform.FoldConstant(),
        ):
            mod = step(mod)
        # Not the default of the target: that would fuse the packing into its neighbours.
        return relax.build(mod, target=target, relax_pipeline=relax.get_pipeline("default_build"))
