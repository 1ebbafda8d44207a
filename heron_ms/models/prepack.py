"""Models whose constant weights are packed once: MetaSchedule's cpu_weight_prepack.

Before: ``lv = call_tir(matmul, (x, w))`` where the tuned matmul begins by packing w. After:
``p = call_tir(matmul_weight_prepack, (w,)); lv = call_tir(matmul_prepacked, (x, p))``, the first of
which is evaluated while compiling if w is a constant, and becomes part of a function of its own,
``main_transform_params``, if w is a parameter.
"""

from __future__ import annotations

from heron_ms._tvm import IRModule, relax

PREPACKED = "_prepacked"
"""What TVM appends to the name of a function whose packing is taken out."""


def free_constants(mod: IRModule) -> IRModule:
    """A fused model with the layout of every constant of its functions left to the tuner.

    Constants are those of the model, and the parameters of "main" behind the first ``num_input``
    where it has that attribute.
    """
    return relax.transform.AttachAttrLayoutFreeBuffers()(mod)


def packed_ahead(mod: IRModule) -> IRModule:
    """What `free_constants` returned, scheduled, with what packs its constants taken out."""
    for step in (
        relax.transform.SplitLayoutRewritePreproc(),
        relax.transform.LiftTransformParams(),
        relax.transform.FoldConstant(),
    ):
        mod = step(mod)
    return mod
