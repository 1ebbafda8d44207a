"""The loads in an expression, each under the conditions of the branches around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from heron_ms._tvm import TensorLoad, tirx
from heron_ms.interstellar.tir.accesses import Access
from heron_ms.interstellar.tir.place import Place, access_at
from heron_ms.interstellar.tir.values import calls


def loads(expr: Any, place: Place, role: str) -> Iterator[Access]:
    """The loads of an expression; a branch of it only where its condition holds."""
    if isinstance(expr, TensorLoad):
        for index in expr.indices:
            yield from loads(index, place, "load")
        yield access_at(expr.source, expr.indices, place, False, role)
    elif calls(expr, "if_then_else"):
        condition, then, other = expr.args
        yield from loads(condition, place, "load")
        yield from loads(then, place.under(condition), role)
        yield from loads(other, place.under(tirx.Not(condition)), role)
    else:
        for part in parts(expr):
            yield from loads(part, place, role)


def parts(expr: Any) -> list[Any]:
    """The expressions that an expression is made of."""
    if hasattr(expr, "args"):
        return list(expr.args)
    names = ("a", "b", "value", "condition", "true_value", "false_value")
    found = [getattr(expr, name) for name in names if hasattr(expr, name)]
    return [part for part in found if hasattr(part, "same_as")]


def inner(expr: Any) -> Any:
    """What a copy copies: through casts and the padding of a branch."""
    while True:
        if type(expr).__name__ == "Cast":
            expr = expr.value
        elif calls(expr, "if_then_else"):
            expr = expr.args[1]
        else:
            return expr


def is_zero(expr: Any) -> bool:
    """Whether an expression is a constant under casts and broadcasts."""
    return type(expr).__name__ in ("Cast", "Broadcast") and not parts(inner(expr))
