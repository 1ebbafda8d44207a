"""What becomes of a model before its tasks are looked for, in tuning and compiling alike."""

from __future__ import annotations

from heron_ms._tvm import IRModule, relax


def legalize_and_fuse(mod: IRModule) -> IRModule:
    """The module as MetaSchedule sees its tasks: operators as TensorIR functions, fused."""
    passes = (
        relax.transform.LegalizeOps(),
        relax.transform.AnnotateTIROpPattern(),
        relax.transform.FoldConstant(),
        relax.transform.FuseOps(),
        relax.transform.FuseTIR(),
    )
    for step in passes:
        mod = step(mod)
    return mod
