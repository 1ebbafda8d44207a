"""Divisions by a constant as products with its reciprocal.

Before: ``x / 6``, as a hard swish ends. After: ``x * 0.1666…``, which is up to one unit in the last
place off, and sixteen floats in one cycle where the division takes sixteen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import GenericConst, IRModule, PyExprMutator, mutator, operator_of, relax
from heron_ms.models.folding.affine import FLOATS
from heron_ms.models.mutated import mutated


def multiply_by_reciprocals(mod: IRModule) -> IRModule:
    """A module without divisions, in float32 or 64, by constants whose reciprocals are normal."""
    return mutated(mod, _Reciprocals)


@mutator
class _Reciprocals(PyExprMutator):  # type: ignore[misc]
    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        if operator_of(call) != "relax.divide" or not isinstance(call.args[1], GenericConst):
            return call
        factor = _reciprocal(call.args[1].value.numpy())
        return call if factor is None else relax.op.multiply(call.args[0], relax.const(factor))


def _reciprocal(divisor: Any) -> Any | None:
    if divisor.dtype.name not in FLOATS:
        return None
    with np.errstate(divide="ignore", over="ignore"):
        factor = np.asarray(1 / divisor.astype("float64"), divisor.dtype)
    normal = np.isfinite(factor) & (np.abs(factor) >= np.finfo(divisor.dtype).tiny)
    return factor if normal.all() else None
