"""Products of numbers that are halves, which a front end had widened, by halves again.

Before: ``conv2d(float32(x), w)`` of a float16 x and a float32 constant of which every element is
one of float16, too. After: ``conv2d(x, float16(w))`` with sums and results in float32. A product
of two halves is exact in float32, so that every sum has the summands that it had. Only for machines
that multiply halves and no float32, as TensorCores: a CPU has vectors of float32 for what its
instructions on halves do not take.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from heron_ms._tvm import (
    HALVES,
    GenericConst,
    IRModule,
    PyExprMutator,
    call_with,
    mutator,
    operator_of,
    relax,
)
from heron_ms.hardware import Machine
from heron_ms.intrinsics import listed
from heron_ms.models.layout.forms import Forms
from heron_ms.models.mutated import mutated
from heron_ms.models.narrowed import PRODUCTS, is_float32

_MULTIPLIED = "heron_ms.halves"
"""The attribute of a module that says by which of them."""

_MOVES = {f"relax.{name}" for name in ("expand_dims", "permute_dims", "reshape", "squeeze")}


def multiplying_halves(mod: IRModule, machine: Machine) -> IRModule:
    """A module of which `prepared` makes products by halves, where a machine has no wider ones."""
    kinds = {each.a_dtype for each in listed(machine)}
    multiplied = [dtype for dtype in HALVES if dtype in kinds and "float32" not in kinds]
    return mod if multiplied == _multiplied(mod) else mod.with_attr(_MULTIPLIED, multiplied)


def by_halves(mod: IRModule) -> IRModule:
    """The module with its products by halves where their factors are some; else itself."""
    multiplied = _multiplied(mod)
    if not multiplied:
        return mod
    changed = mutated(mod, partial(_ByHalves, multiplied=multiplied))
    return relax.transform.FoldConstant()(changed)


def _multiplied(mod: IRModule) -> list[str]:
    return [str(dtype) for dtype in (mod.attrs or {}).get(_MULTIPLIED, ())]


@mutator
class _ByHalves(PyExprMutator):  # type: ignore[misc]
    def __init__(self, mod: IRModule, multiplied: Sequence[str]) -> None:
        super().__init__(mod)
        self._multiplied = multiplied
        self._forms = Forms(self.builder_)

    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        if operator_of(call) not in PRODUCTS or _is_depthwise(call) or not is_float32(call):
            return call
        for dtype in self._multiplied:
            factors = [self._narrow(factor, dtype) for factor in call.args]
            if None not in factors and not all(map(_is_constant, call.args)):
                return call_with(call, factors, out_dtype="float32")
        return call

    def _narrow(self, expr: Any, dtype: str) -> Any | None:
        """What has the numbers of an expression in a narrower dtype; None where nothing has."""
        value = self._forms.bound(expr)
        if _is_constant(value):
            return relax.op.astype(value, dtype) if _is_of(value.value.numpy(), dtype) else None
        if operator_of(value) == "relax.astype" and is_float32(value):
            return value.args[0] if str(value.args[0].ty.dtype) == dtype else None
        if operator_of(value) not in _MOVES:
            return None
        moved = self._narrow(value.args[0], dtype)
        return None if moved is None else call_with(value, [moved, *value.args[1:]])


def _is_constant(expr: Any) -> bool:
    return isinstance(expr, GenericConst)


def _is_of(array: Any, dtype: str) -> bool:
    """Whether every element of an array of float32 is a number of a dtype."""
    import ml_dtypes

    with np.errstate(over="ignore"):
        narrow = array.astype(getattr(ml_dtypes, dtype, dtype)).astype("float32")
    return bool(array.dtype == np.float32 and np.array_equal(narrow, array, equal_nan=True))


def _is_depthwise(call: Any) -> bool:
    """Whether a group has one channel, of which no instruction makes products of matrices."""
    groups = int(getattr(call.attrs, "groups", 1))
    if groups == 1:
        return False
    data = call.args[0].ty.shape
    return groups == int(data[call.attrs.data_layout.index("C")])
