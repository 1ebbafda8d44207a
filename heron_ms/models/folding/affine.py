"""Values of a Relax function as another value times a constant plus a constant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import Call, GenericConst, TupleGetItem, operator_of, relax
from heron_ms.models.relax_shapes import shape_of

FLOATS = ("float32", "float64")
"""Wide enough to hold a weight times a scale; in 16 bits both together round worse than apart."""


@dataclass(frozen=True)
class Affine:
    """``core`` x ``scale`` + ``shift``: a variable, and float64 arrays that broadcast to it."""

    core: Any
    scale: Any
    shift: Any

    def after(self, inner: Affine) -> Affine:
        """This of a value that is ``inner`` of another."""
        return Affine(inner.core, inner.scale * self.scale, inner.shift * self.scale + self.shift)


@dataclass(frozen=True)
class Values:
    """What the variables of a function are bound to, and how many bindings read each of them."""

    bound: Mapping[Any, Any]
    readers: Mapping[Any, int]

    @classmethod
    def of(cls, func: Any) -> Values:
        """Those of a function in normal form; what it returns is read once more."""
        bound = relax.analysis.get_var2val(func)
        read = [var for value in bound.values() for var in relax.analysis.free_vars(value)]
        returned = relax.analysis.free_vars(func.body.body)
        return cls(bound, Counter([*read, *returned]))

    def affine(self, var: Any) -> Affine | None:
        """The longest run of constant steps that end in ``var`` and are read by nothing else."""
        step = self.step(var)
        if step is None or self.readers[step.core] > 1:
            return step
        inner = self.affine(step.core)
        return step if inner is None else step.after(inner)

    def step(self, var: Any) -> Affine | None:
        """One batch norm, or one sum, difference, product or quotient with a constant."""
        batch_norm = self.batch_norm(var)
        if batch_norm is not None:
            return _batch_norm(batch_norm)
        value = self.bound.get(var)
        if isinstance(value, Call) and str(getattr(value.ty, "dtype", None)) in FLOATS:
            return _arithmetic(value)
        return None

    def batch_norm(self, var: Any) -> Any | None:
        """The batch norm of constants, in inference, whose first result a variable is."""
        value = self.bound.get(var)
        if not isinstance(value, TupleGetItem) or value.index != 0:
            return None
        call: Any = self.bound.get(value.tuple_value)
        if operator_of(call) != "relax.nn.batch_norm":
            return None
        constants = all(isinstance(arg, GenericConst) for arg in call.args[1:])
        return call if constants and not call.attrs.training else None


def _batch_norm(call: Any) -> Affine:
    """Ioffe and Szegedy, 2015, algorithm 2: gamma / sqrt(variance + epsilon) is the scale."""
    gamma, beta, mean, variance = (arg.value.numpy().astype("float64") for arg in call.args[1:])
    attrs = call.attrs
    scale = (gamma if attrs.scale else 1.0) / np.sqrt(variance + float(attrs.epsilon))
    shift = (beta if attrs.center else 0.0) - mean * scale
    rank = len(call.args[0].ty.shape)
    along = [-1 if axis == int(attrs.axis) % rank else 1 for axis in range(rank)]
    return Affine(call.args[0], scale.reshape(along), shift.reshape(along))


def _arithmetic(call: Any) -> Affine | None:
    """A sum, difference, product or quotient of a variable and a constant."""
    name = operator_of(call)
    if name not in _STEPS:
        return None
    left, right = call.args
    if isinstance(right, GenericConst) and isinstance(left, relax.Var):
        core, step = left, _STEPS[name][0]
        array = right.value.numpy()
    elif isinstance(left, GenericConst) and isinstance(right, relax.Var):
        core, step = right, _STEPS[name][1]
        array = left.value.numpy()
    else:
        return None
    affine = None if step is None else step(array.astype("float64"))
    if affine is None or not np.isfinite(affine[0]).all() or shape_of(core) != shape_of(call):
        return None
    return Affine(core, *(np.asarray(part) for part in affine))


def _quotient(divisor: Any) -> tuple[Any, Any]:
    with np.errstate(divide="ignore"):
        return 1 / divisor, 0.0


# By operator, the scale and shift of (variable, constant) and of (constant, variable).
_STEPS: Mapping[str, tuple[Any, Any]] = {
    "relax.add": (lambda c: (1.0, c), lambda c: (1.0, c)),
    "relax.subtract": (lambda c: (1.0, -c), lambda c: (-1.0, c)),
    "relax.multiply": (lambda c: (c, 0.0), lambda c: (c, 0.0)),
    "relax.divide": (_quotient, None),
}
