"""Products of float32 by bfloat16, where the user allows it.

Before: ``matmul(x, w)`` of float32. After: ``matmul(bfloat16(x), bfloat16(w))``, with sums and
results in float32; everything between products stays float32. A factor keeps 8 of its 24 bits,
rounded to nearest, so that a product is off by up to 2^-7 of itself; the sums are as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import IRModule, PyExprMutator, call_with, mutator, operator_of, relax
from heron_ms.errors import UsageError
from heron_ms.hardware import Machine
from heron_ms.intrinsics import listed
from heron_ms.models.allowances import ALLOWANCES, BF16
from heron_ms.models.mutated import mutated

_ALLOWED = "heron_ms.allowed"
"""The attribute of a module that says so."""

PRODUCTS = (
    "relax.matmul",
    *(f"relax.nn.conv{rank}d{kind}" for rank in (1, 2, 3) for kind in ("", "_transpose")),
)


def allowing(mod: IRModule, words: Sequence[str]) -> IRModule:
    """A module of which `prepared` makes products by these dtypes, so far "bf16".

    Raises `UsageError` for others.
    """
    for word in words:
        if word not in ALLOWANCES:
            raise UsageError(f"{word!r} cannot be allowed: choose from {', '.join(ALLOWANCES)}")
    return mod.with_attr(_ALLOWED, list(words)) if words else mod


def allowed(mod: IRModule) -> tuple[str, ...]:
    """What was said to `allowing`."""
    return tuple(str(word) for word in (mod.attrs or {}).get(_ALLOWED, ()))


def multiplies_bfloat16(machine: Machine) -> bool:
    """Whether a machine has an instruction for it; without one it would be slower than float32."""
    return any(each.a_dtype == "bfloat16" for each in listed(machine))


def narrowed(mod: IRModule) -> IRModule:
    """The module with its products by bfloat16, where that is allowed; else itself.

    Weights are rounded at once, so that they are constants still.
    """
    if BF16 not in allowed(mod):
        return mod
    return relax.transform.FoldConstant()(mutated(mod, _Narrowed))


@mutator
class _Narrowed(PyExprMutator):  # type: ignore[misc]
    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        if operator_of(call) not in PRODUCTS or not all(map(is_float32, (*call.args, call))):
            return call
        factors = [relax.op.astype(factor, "bfloat16") for factor in call.args]
        return call_with(call, factors, out_dtype="float32")


def is_float32(expr: Any) -> bool:
    """Whether an expression is a tensor of float32."""
    return str(getattr(expr.ty, "dtype", None)) == "float32"
