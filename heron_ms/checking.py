"""`check`: whether a compiled function computes what its program says, on random data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import HALVES, Add, Cast, IRModule, PrimFunc, SBlock, collect, constant, reduces
from heron_ms.errors import UnknownFunctionError, WrongResultError
from heron_ms.hardware import target_of
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_for, on_this_cpu
from heron_ms.random_arguments import random_arguments

Arrays: TypeAlias = Sequence[NDArray[Any]]
Tolerance: TypeAlias = float | NDArray[np.float64]

RELATIVE = {"float64": 1e-9, "float32": 1e-4}
"""What sums of some thousands of products may lose, relative to the largest result."""
COARSE = 2e-2
"""The same for narrower floats."""


@dataclass(frozen=True)
class Verdict:
    """How many elements of a function's arguments are wrong after a call, and which hold them."""

    wrong: int
    elements: int
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f", in {', '.join(self.arguments)}" if self.arguments else ""
        return f"{self.wrong} of {self.elements} elements are wrong{where}"


def check(
    kernel: Any,
    mod: IRModule | PrimFunc,
    target: Any,
    reference: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    inputs: Arrays | None = None,
    tolerance: Tolerance | None = None,
    seed: int | None = None,
) -> Verdict:
    """Compare a compiled function with its untuned self, or with a reference in numpy.

    kernel: what `compile_tir` or `tvm.compile` returned for ``mod`` on ``target``. Every function
    of a module is compared, or the one called ``name``. All its arguments are filled with random
    data (``seed``) and compared after the call, those it should not have changed included.

    reference: takes the arguments as numpy arrays, in order, and returns the last one as it should
    be. inputs: arrays for the first arguments, such as indices that random data would not be.
    tolerance: how far an element may be off (with a reference, of the last argument: the others
    must be as they were); by default 0 for integers, and for floats 1e-4 (float32), 1e-9 (float64)
    or 2e-2 (narrower, or rounded to narrower on its way) of the largest magnitude of the right
    result, or an eighth of the type's eps for each term of the longest sum, where that is more: the
    untuned program adds one by one.

    Raises `WrongResultError` if an element is wrong, `TargetError` for a target that this CPU
    cannot run, `DynamicShapeError` for an argument whose shape is not constant,
    `UnknownFunctionError` where there is no such function.
    """
    target = target_of(target)
    device, total = device_for(target), 0
    device.require(target)
    for symbol, func in _functions(mod, name).items():
        given = (kernel[symbol], func, reference, inputs or (), tolerance, seed)
        verdict = device.within(partial(compared, device, *given))
        if verdict.wrong:
            raise WrongResultError(f"{symbol}: {verdict}")
        total += verdict.elements
    return Verdict(0, total)


def compared(
    device: Device,
    kernel: Any,
    func: PrimFunc,
    reference: Callable[..., Any] | None = None,
    inputs: Arrays = (),
    tolerance: Tolerance | None = None,
    seed: int | None = None,
    step: float = 0.0,
) -> Verdict:
    """`check` of one function in this thread, which counts instead of raising.

    Integers may be off by ``step``: by one, say, where floats are rounded to them.
    """
    before = random_arguments(func, np.random.default_rng(seed), inputs)
    after = device.call(kernel, before)
    terms, narrows = _longest_sum(func), _narrows(func)
    allowed = [tolerance] * len(before)
    if reference is None:
        right = _untuned(func, before)
    else:
        right = [*before[:-1], np.asarray(reference(*before))]
        allowed[:-1] = [0.0] * (len(before) - 1)
    wrong = [
        _wrong(*triple, terms, step, narrows) for triple in zip(after, right, allowed, strict=True)
    ]
    names = [str(param.name) for param, count in zip(func.params, wrong, strict=True) if count]
    return Verdict(sum(wrong), sum(array.size for array in after), tuple(names))


def count_wrong(output: NDArray[Any], expected: NDArray[Any], tolerance: Tolerance) -> int:
    """Elements that are further off than the tolerance; one that is no number is wrong."""
    off = np.abs(output.astype(np.float64) - expected)
    return int(np.count_nonzero(~(off <= tolerance)))


def _functions(mod: IRModule | PrimFunc, name: str | None) -> dict[str, PrimFunc]:
    """By the names that they are called by."""
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    functions = {
        _symbol(func, str(var.name_hint)): func
        for var, func in module.functions_items()
        if isinstance(func, PrimFunc)
    }
    if name is None and functions:
        return functions
    if name not in functions:
        known = ", ".join(functions) or "none"
        raise UnknownFunctionError(f"no TensorIR function {name!r} in the module; it has: {known}")
    return {name: functions[name]}


def _symbol(func: PrimFunc, name: str = "main") -> str:
    """The name that a compiled function is called by."""
    return str((func.attrs or {}).get("global_symbol") or name)


def _untuned(func: PrimFunc, arrays: Arrays) -> list[NDArray[Any]]:
    """What the arguments hold after a call of the program as it is, on one core of this CPU."""
    device, target = on_this_cpu()
    return device.call(device.compile(IRModule({"main": func}), target)[_symbol(func)], arrays)


def _longest_sum(func: PrimFunc) -> int:
    """The most iterations of a reduction of any block of a function."""
    reduced = [
        [constant(iterator.dom.extent) or 1 for iterator in block.iter_vars if reduces(iterator)]
        for block in collect(func.body, SBlock)
    ]
    return max(map(prod, reduced), default=1)


def _narrows(func: PrimFunc) -> bool:
    """Whether a function rounds to halves, however wide its result is.

    Two right sums that differ in their last bit may be rounded to halves a step apart.
    """
    return any(str(node.ty) in HALVES for kind in (Cast, Add) for node in collect(func.body, kind))


def _wrong(
    ours: NDArray[Any],
    right: NDArray[Any],
    tolerance: Tolerance | None,
    terms: int,
    step: float,
    narrows: bool,
) -> int:
    """Elements that are off; the same infinity, or no number in both, is the same."""
    allowed = _allowed(ours, right, terms, step, narrows) if tolerance is None else tolerance
    got, wanted = ours.astype(np.float64), right.astype(np.float64)
    same = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
    return count_wrong(np.where(same, 0.0, got), np.where(same, 0.0, wanted), allowed)


def _allowed(
    ours: NDArray[Any], right: NDArray[Any], terms: int, step: float, narrows: bool
) -> float:
    if ours.dtype.kind in "iub":
        return step if ours.dtype.kind in "iu" else 0.0
    finite = np.abs(right[np.isfinite(right)].astype(np.float64))
    share = COARSE if narrows else RELATIVE.get(str(ours.dtype), COARSE)
    if str(ours.dtype) in RELATIVE:
        share = max(share, terms * float(np.finfo(ours.dtype).eps) / 8)
    return share * float(finite.max(initial=0.0))
