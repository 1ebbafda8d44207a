"""Integer expressions of a program, evaluated for many values of its loops at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from heron_ms._tvm import Var, constant
from heron_ms.errors import ModelError

_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "FloorDiv": np.floor_divide,
    "FloorMod": np.mod,
    "Min": np.minimum,
    "Max": np.maximum,
    "LT": np.less,
    "LE": np.less_equal,
    "GT": np.greater,
    "GE": np.greater_equal,
    "EQ": np.equal,
    "NE": np.not_equal,
    "And": np.logical_and,
    "Or": np.logical_or,
}


def value(expr: Any, at: Mapping[Any, Any], bindings: Mapping[Any, Any]) -> Any:
    """The value of an expression; ``at`` gives the loops' values, as numbers or as columns.

    A loop that is left out stands at its place in ``bindings``, or at 0. Raises `ModelError` for
    an expression that is not one of integers.
    """
    number = constant(expr)
    if number is not None:
        return number
    if isinstance(expr, Var):
        if expr in at:
            return at[expr]
        return value(bindings[expr], at, bindings) if expr in bindings else 0
    kind = type(expr).__name__
    if kind in _BINARY:
        return _BINARY[kind](value(expr.a, at, bindings), value(expr.b, at, bindings))
    return _other(expr, kind, at, bindings)


def _other(expr: Any, kind: str, at: Mapping[Any, Any], bindings: Mapping[Any, Any]) -> Any:
    if kind == "Not":
        return np.logical_not(value(expr.a, at, bindings))
    if kind == "Cast":
        return value(expr.value, at, bindings)
    if calls(expr, "if_then_else", "likely"):
        parts = [value(argument, at, bindings) for argument in expr.args]
        return parts[0] if len(parts) == 1 else np.where(*parts)
    raise ModelError(f"cannot evaluate {kind} {expr}: indices must be integers computed from loops")


def calls(expr: Any, *names: str) -> bool:
    """Whether an expression is a call of one of TVM's own functions, whatever their prefix."""
    return type(expr).__name__ == "Call" and str(expr.op.name).rpartition(".")[2] in names


def variables(expr: Any, bindings: Mapping[Any, Any]) -> set[Any]:
    """The loop variables that an expression depends on."""
    if constant(expr) is not None:
        return set()
    if isinstance(expr, Var):
        return variables(bindings[expr], bindings) if expr in bindings else {expr}
    parts = getattr(expr, "args", None)
    if parts is None:
        parts = [getattr(expr, name) for name in ("a", "b", "value") if hasattr(expr, name)]
    return set[Any]().union(*(variables(part, bindings) for part in parts))
