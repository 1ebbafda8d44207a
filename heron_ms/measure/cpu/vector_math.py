"""Elementary functions of a scheduled program as what becomes vectors (`elementary`).

Those of float32, and of floats of 16 bits by way of it. Loops over sinh and cosh are no vectors:
TVM compiles none (docs/tvm.md).
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import (
    HALVES,
    Call,
    Cast,
    For,
    IRModule,
    SBlock,
    collect,
    operator_of,
    structural_map,
    tirx,
    with_functions,
)
from heron_ms.measure.cpu.elementary import BUILDERS, let

_SCALAR = frozenset({"tirx.sinh", "tirx.cosh"})


def with_vector_math(mod: IRModule) -> IRModule:
    """The module with exp, erf, tanh, sigmoid and nearbyint as what becomes vectors.

    To be called on scheduled functions, just before they are compiled, whether they are measured or
    shipped: MetaSchedule counts the operations of a task, which knows no Let, and inlines the same
    expression twice, which a Let must not be. Calls of float64 stay.
    """
    return with_functions(mod, _in_vectors)


def _in_vectors(func: Any) -> Any:
    func = structural_map(func, (For, _one_by_one))
    if _holds_bfloat16(func) or not any(map(_is_elementary, collect(func, Call))):
        return func
    return structural_map(_without_bfloat16(func), (Call, _written_out))


def _holds_bfloat16(func: Any) -> bool:
    """Whether there are arrays of bfloat16 in between, which TVM makes wider afterwards."""
    arrays = (array for block in collect(func, SBlock) for array in block.alloc_buffers)
    return any(str(array.dtype) == "bfloat16" for array in arrays)


def _without_bfloat16(func: Any) -> Any:
    """The function with its arithmetic in float32, which TVM would not look for within a Let."""
    return tirx.transform.BF16ComputeLegalize()(IRModule({"main": func}))["main"]


def _one_by_one(loop: Any) -> Any:
    """A vectorised loop over what has no vectors as a serial one; any other as it is."""
    is_vector = loop.kind == tirx.ForKind.VECTORIZED
    if not is_vector or _SCALAR.isdisjoint(map(operator_of, collect(loop.body, Call))):
        return loop
    return tirx.For(loop.loop_var, loop.min, loop.extent, tirx.ForKind.SERIAL, loop.body)


def _written_out(call: Any) -> Any:
    if not _is_elementary(call):
        return call
    build, [given], dtype = BUILDERS[operator_of(call)], call.args, str(call.ty)
    if dtype == "float32":
        return let("x", given, build)
    return Cast(dtype, let("x", Cast("float32", given), build))


def _is_elementary(call: Any) -> bool:
    return operator_of(call) in BUILDERS and str(call.ty) in ("float32", *HALVES)
