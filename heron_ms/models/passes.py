"""What becomes of a model before its tasks are looked for, in tuning and compiling alike.

A record is found by the program it was measured for, so nothing else may change a model between
the two: `legalize_and_fuse` is called once in each, on the model as the user gave it.
"""

from __future__ import annotations

from heron_ms._tvm import IRModule, relax
from heron_ms.models.folding import fold_scales


def simplified(mod: IRModule) -> IRModule:
    """A model of operators with less to do: constants evaluated, batch norms folded.

    Weights are folded only where they are constants of the module: bind parameters first.
    """
    passes = (
        relax.transform.CanonicalizeBindings(),
        # A weight that is transposed on its way, say, is a constant only after this.
        relax.transform.FoldConstant(),
        fold_scales,
        # Batch norms whose statistics are parameters: four operators, which fuse.
        relax.transform.DecomposeOpsForInference(),
        relax.transform.CanonicalizeBindings(),
        relax.transform.DeadCodeElimination(),
    )
    for step in passes:
        mod = step(mod)
    return mod


def legalize_and_fuse(mod: IRModule) -> IRModule:
    """The module as MetaSchedule sees its tasks: operators as TensorIR functions, fused."""
    passes = (
        simplified,
        relax.transform.LegalizeOps(),
        relax.transform.AnnotateTIROpPattern(),
        relax.transform.FoldConstant(),
        relax.transform.FuseOps(),
        relax.transform.FuseTIR(),
    )
    for step in passes:
        mod = step(mod)
    return mod
