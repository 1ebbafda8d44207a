"""What becomes of a model before its tasks are looked for, in tuning and compiling alike.

A record is found by the program it was measured for, so nothing else may change a model between
the two: `prepared` is called once in each, on the model as the user gave it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from heron_ms._tvm import IRModule, relax
from heron_ms.models.folding import fold_scales
from heron_ms.models.integers import integers
from heron_ms.models.prepack import free_constants
from heron_ms.models.relax_shapes import refuse_open_shapes


def prepared(
    mod: IRModule, params: dict[str, Any] | None = None, prepack: bool = False
) -> IRModule:
    """The module of the tasks, in tuning and compiling alike.

    Parameters are bound first, because what is folded are constants. Raises DynamicShapeError for
    parameters of "main" whose shape is open, which LegalizeOps meets with a bare assertion.
    """
    refuse_open_shapes(mod)
    bound = relax.transform.BindParams("main", params)(mod) if params else mod
    fused = legalize_and_fuse(bound)
    return free_constants(fused) if prepack else fused


def simplified(mod: IRModule) -> IRModule:
    """A model of operators with less to do: constants evaluated, batch norms folded.

    Weights are folded only where they are constants of the module: bind parameters first.
    """
    passes = (
        # Before constants are evaluated: a dequantised weight would be a float from then on.
        integers,
        relax.transform.CanonicalizeBindings(),
        # A weight that is transposed on its way, say, is a constant only after this.
        relax.transform.FoldConstant(),
        fold_scales,
        # Batch norms whose statistics are parameters: four operators, which fuse.
        relax.transform.DecomposeOpsForInference(),
        relax.transform.CanonicalizeBindings(),
        relax.transform.DeadCodeElimination(),
    )
    return _in_turn(passes, mod)


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
    return _in_turn(passes, mod)


def _in_turn(passes: Iterable[Callable[[IRModule], IRModule]], mod: IRModule) -> IRModule:
    for step in passes:
        mod = step(mod)
    return mod
