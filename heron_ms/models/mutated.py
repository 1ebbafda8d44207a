"""A mutator of Relax on each function of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import IRModule, relax


def mutated(mod: IRModule, mutator: Callable[[IRModule], Any]) -> IRModule:
    """What a mutator makes of every function of Relax, in normal form and without what is unread.

    Functions of TensorIR that it adds come with them.
    """
    mod = relax.transform.Normalize()(mod)
    visitor = mutator(mod)
    for name, function in mod.functions_items():
        if isinstance(function, relax.Function):
            visitor.builder_.update_func(name, visitor.visit_expr(function))
    # The builder keeps the functions, not what is said of the module.
    changed = visitor.builder_.get().with_attrs(dict(mod.attrs or {}))
    return relax.transform.DeadCodeElimination()(relax.transform.CanonicalizeBindings()(changed))
