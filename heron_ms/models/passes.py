"""What becomes of a model before its tasks are looked for, in tuning and compiling alike.

A record is found by the program it was measured for, so nothing else may change a model between
the two: `prepared` is called in each, on the model as the user gave it or as it is prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from heron_ms._tvm import IRModule, operator_of, relax, with_functions
from heron_ms.models.folding import fold_scales, multiply_by_reciprocals
from heron_ms.models.halves import by_halves
from heron_ms.models.identities import without_identities
from heron_ms.models.integers import integers
from heron_ms.models.layout import channels_last
from heron_ms.models.narrowed import narrowed
from heron_ms.models.prepack import with_free_constants
from heron_ms.models.relax_shapes import refuse_open_shapes
from heron_ms.models.small_weights import with_small_weights
from heron_ms.models.unit_axes import unit_axes_as_elementwise
from heron_ms.unmeasured.tails import split_tails

_PREPARED = "heron_ms.prepared"
"""The attribute of a module by which `prepared` knows what it returned."""


def prepared(
    mod: IRModule, params: dict[str, Any] | None = None, prepack: bool | None = None
) -> IRModule:
    """The module of the tasks, in tuning and compiling alike; one that it returned stays as it is.

    ``prepack`` is what `with_free_constants` is asked. Parameters are bound first, because what is
    folded are constants. Raises DynamicShapeError for parameters of "main" whose shape is open,
    which LegalizeOps meets with a bare assertion.
    """
    if mod.attrs and _PREPARED in mod.attrs:
        return mod
    refuse_open_shapes(mod)
    bound = relax.transform.BindParams("main", params)(mod) if params else mod
    return with_free_constants(legalize_and_fuse(bound), prepack).with_attr(_PREPARED, True)


def simplified(mod: IRModule) -> IRModule:
    """A model of operators with less to do: constants evaluated, batch norms folded.

    Weights are folded only where they are constants of the module: bind parameters first.
    """
    passes = (
        # Before transposed convolutions become products that are read through an interleaving.
        fold_scales,
        # Before integers, which keep the layout that they find.
        channels_last,
        # Before constants are evaluated: a dequantised weight would be a float from then on.
        integers,
        relax.transform.CanonicalizeBindings(),
        # A weight that is transposed on its way, say, is a constant only after this.
        relax.transform.FoldConstant(),
        fold_scales,
        multiply_by_reciprocals,
        # After scales are folded, which is more exact on the weights as they were.
        by_halves,
        narrowed,
        _decomposed,
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
        unit_axes_as_elementwise,
        relax.transform.FoldConstant(),
        relax.transform.FuseOps(),
        relax.transform.FuseTIR(),
        without_identities,
        _without_tails,
        with_small_weights,
    )
    return _in_turn(passes, mod)


def _without_tails(mod: IRModule) -> IRModule:
    """Odd reductions in two parts, here because a schedule's trace cannot say so."""
    return with_functions(mod, split_tails)


def _decomposed(mod: IRModule) -> IRModule:
    """Batch norms whose statistics are parameters as four operators, which fuse.

    Not where a batch norm computes its statistics: TVM's pass takes each for one in inference.
    """
    functions = [func for _, func in mod.functions_items() if isinstance(func, relax.Function)]
    values = [value for func in functions for value in relax.analysis.get_var2val(func).values()]
    trains = any(map(_computes_statistics, values))
    return mod if trains else relax.transform.DecomposeOpsForInference()(mod)


def _computes_statistics(value: Any) -> bool:
    return operator_of(value) == "relax.nn.batch_norm" and bool(value.attrs.training)


def _in_turn(passes: Iterable[Callable[[IRModule], IRModule]], mod: IRModule) -> IRModule:
    for step in passes:
        mod = step(mod)
    return mod
