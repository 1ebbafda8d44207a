"""Whether a model computes what a reference says, output by output, within a stated tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import Call, collect, operator_of
from heron_ms.checking import count_wrong
from heron_ms.models.allowances import BF16
from heron_ms.models.model import Model
from heron_ms.models.narrowed import allowed

FLOATS = 1e-4
"""How far an element may be off, relative to the largest magnitude of its output."""
QUANTISED = 2e-2
"""The same for a model that quantises inside, where a step of rounding grows on its way."""
BFLOAT16 = 2e-2
"""The same for a model whose products are made by bfloat16, each off by up to 2^-7 of itself."""
STEP = 1
"""How far an integer of 8 bits may be off; wider ones must be exact."""


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
) -> list[Difference]:
    """Compare outputs; ``tolerance`` is that of floats, relative to the largest magnitude."""
    return [
        _difference(name, got, wanted, tolerance)
        for name, got, wanted in zip(names, ours, right, strict=True)
    ]


def _difference(name: str, got: NDArray[Any], wanted: NDArray[Any], share: float) -> Difference:
    if got.shape != wanted.shape:
        return Difference(name, got.size, got.size, float("inf"), 0.0)
    got, allowed = got.astype(np.float64), _allowed(wanted, share)
    right = wanted.astype(np.float64)
    same = (got == right) | (np.isnan(got) & np.isnan(right))
    off = np.abs(np.where(same, 0.0, got) - np.where(same, 0.0, right))
    wrong = count_wrong(np.where(same, 0.0, got), np.where(same, 0.0, right), allowed)
    return Difference(name, wrong, got.size, float(off.max(initial=0.0)), allowed)


def _allowed(right: NDArray[Any], share: float) -> float:
    if right.dtype.kind in "iub":
        return float(STEP if right.dtype.kind in "iu" and right.dtype.itemsize == 1 else 0)
    finite = np.abs(right[np.isfinite(right)].astype(np.float64))
    return share * float(finite.max(initial=0.0))


def tolerance_of(model: Model) -> float:
    """The tolerance of floats that a model calls for."""
    if BF16 in allowed(model.mod):
        return BFLOAT16
    functions = [func for _, func in model.mod.functions_items()]
    names = {operator_of(call) for func in functions for call in collect(func, Call)}
    return QUANTISED if "relax.quantize" in names else FLOATS
