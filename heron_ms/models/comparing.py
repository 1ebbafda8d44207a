"""Whether a model computes what a reference says, output by output, within a stated tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import Call, collect, operator_of, relax
from heron_ms.checking import count_wrong
from heron_ms.models.allowances import BF16
from heron_ms.models.model import Model
from heron_ms.models.narrowed import allowed

FLOATS = 1e-4
"""How far an element may be off, relative to the largest magnitude of its output."""
QUANTISED = 2e-2
"""The same for a model that quantises inside, where a step of rounding grows on its way."""
BFLOAT16 = 2e-2
"""The same for a model of bfloat16, or with products by it, each off by up to 2^-7 of itself."""
HALVES = 5e-3
"""The same for a model of float16, where each result is rounded by up to 2^-11 of itself."""
LOGISTIC = 2.0**-22
"""How far an element that the logistic function returns may be off beside, absolutely.

ONNX Runtime adds one half last, so that its own small values are as exact as that. Probabilities of
a model that finds nothing are all small.
"""
STEP = 1
"""How far an integer of 8 bits may be off; wider ones must be exact."""

_SIGMOID = "relax.sigmoid"
_MOVES = {
    f"relax.{name}"
    for name in ("reshape", "permute_dims", "squeeze", "expand_dims", "flatten", "strided_slice")
}


@dataclass(frozen=True)
class Difference:
    """An output: how many elements are wrong, the largest error and what was allowed."""

    output: str
    wrong: int
    elements: int
    largest: float
    allowed: float

    def __str__(self) -> str:
        verdict = f"{self.wrong} of {self.elements} elements wrong" if self.wrong else "equal"
        return (
            f"{self.output}: {verdict}, largest difference {self.largest:.3g}, "
            f"allowed {self.allowed:.3g}"
        )


def compare(
    names: Sequence[str],
    ours: Sequence[NDArray[Any]],
    right: Sequence[NDArray[Any]],
    tolerance: float,
    floors: Sequence[float] | None = None,
) -> list[Difference]:
    """Compare outputs; ``tolerance`` is that of floats, relative to the largest magnitude.

    ``floors``: what an element of each output may be off beside, as `floors_of` a model has it.
    """
    floors = [0.0] * len(names) if floors is None else floors
    return [
        _difference(name, got, wanted, tolerance, floor)
        for name, got, wanted, floor in zip(names, ours, right, floors, strict=True)
    ]


def _difference(
    name: str, got: NDArray[Any], wanted: NDArray[Any], share: float, floor: float
) -> Difference:
    if got.shape != wanted.shape:
        return Difference(name, got.size, got.size, float("inf"), 0.0)
    got, allowed = got.astype(np.float64), _allowed(wanted, share, floor)
    right = wanted.astype(np.float64)
    same = (got == right) | (np.isnan(got) & np.isnan(right))
    off = np.abs(np.where(same, 0.0, got) - np.where(same, 0.0, right))
    wrong = count_wrong(np.where(same, 0.0, got), np.where(same, 0.0, right), allowed)
    return Difference(name, wrong, got.size, float(off.max(initial=0.0)), allowed)


def _allowed(right: NDArray[Any], share: float, floor: float) -> float:
    if right.dtype.kind in "iub":
        return float(STEP if right.dtype.kind in "iu" and right.dtype.itemsize == 1 else 0)
    finite = np.abs(right[np.isfinite(right)].astype(np.float64))
    return share * float(finite.max(initial=0.0)) + floor


def tolerance_of(model: Model) -> float:
    """The tolerance of floats that a model calls for."""
    if BF16 in allowed(model.mod) or "bfloat16" in model.dtypes:
        return BFLOAT16
    functions = [func for _, func in model.mod.functions_items()]
    names = {operator_of(call) for func in functions for call in collect(func, Call)}
    if "relax.quantize" in names:
        return QUANTISED
    return HALVES if "float16" in model.dtypes else FLOATS


def floors_of(model: Model) -> list[float]:
    """For each output `LOGISTIC`, if it is what that function returns, perhaps moved; else 0."""
    main = model.mod["main"]
    bound = relax.analysis.get_var2val(main)

    def value(expr: Any) -> Any:
        while expr in bound:
            expr = bound[expr]
        return value(expr.args[0]) if operator_of(expr) in _MOVES else expr

    returned = value(main.body.body)
    outputs = [returned] if len(model.outputs) == 1 else list(returned.fields)
    return [LOGISTIC if operator_of(value(one)) == _SIGMOID else 0.0 for one in outputs]
