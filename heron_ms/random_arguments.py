"""Random arguments for any TensorIR function, of which none makes it do what is undefined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms._tvm import (
    BufferStore,
    Div,
    FloorDiv,
    FloorMod,
    For,
    LShift,
    Mod,
    PrimFunc,
    RShift,
    TensorLoad,
    collect,
    constant,
)
from heron_ms.errors import DynamicShapeError, InvalidDimensionError
from heron_ms.workloads.workload import to_dtype

SPREAD = 1000
"""Magnitude of integers wider than 8 bits, so that sums of them do not overflow at once."""
FEW = 8
"""Integers that something is shifted by are below this, the bits of the narrowest integer."""


def random_arguments(
    func: PrimFunc, rng: Generator, given: Sequence[NDArray[Any]] = ()
) -> list[NDArray[Any]]:
    """An array for each argument of a function, the first ones those that are given.

    Floats are standard normal; integers of 8 bits take their whole range, wider ones +-1000; those
    that the function uses as an index or a bound lie within its smallest dimension, and those that
    it divides or shifts by are from 1 to 7. Raises `DynamicShapeError` for a shape that is not
    constant, `InvalidDimensionError` for a given array of another one.
    """
    shapes = [_shape(func, param) for param in func.params]
    for param, array, shape in zip(func.params, given, shapes, strict=False):
        if np.shape(array) != shape:
            raise InvalidDimensionError(f"{param.name} has shape {shape}, got {np.shape(array)}")
    smallest = min((size for shape in shapes for size in shape), default=1)
    rest = list(zip(func.params, shapes, strict=True))[len(given) :]
    return [*given, *(_random(func, param, shape, smallest, rng) for param, shape in rest)]


def _shape(func: PrimFunc, param: Any) -> tuple[int, ...]:
    sizes = [constant(size) for size in getattr(param, "shape", [None])]
    if None in sizes:
        raise DynamicShapeError(f"argument {param.name} has no constant shape: bind its variables")
    return tuple(size for size in sizes if size is not None)


def _random(
    func: PrimFunc, param: Any, shape: tuple[int, ...], smallest: int, rng: Generator
) -> NDArray[Any]:
    dtype = str(param.dtype)
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if "int" not in dtype:
        return to_dtype(rng.standard_normal(shape), dtype)
    addresses, divides = _reaches(func, param, _addresses), _reaches(func, param, _divisors)
    if addresses or divides:
        low, high = int(divides), smallest if addresses else FEW
        return rng.integers(low, max(high, low + 1), shape).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -SPREAD), min(info.max, SPREAD)
    return rng.integers(low, high, shape, endpoint=True).astype(dtype)


def _reaches(func: PrimFunc, param: Any, places: Callable[[PrimFunc], list[Any]]) -> bool:
    """Whether elements of an argument get to some places, also by way of other buffers."""
    stores = collect(func.body, BufferStore)
    reached: list[Any] = []
    more = _read_in(places(func))
    while more:
        reached += more
        values = [store.value for store in stores if _among(store.buffer, more)]
        more = [buffer for buffer in _read_in(values) if not _among(buffer, reached)]
    return _among(param, reached)


def _addresses(func: PrimFunc) -> list[Any]:
    """What says where a buffer is accessed, and how often."""
    accesses = [*collect(func.body, TensorLoad), *collect(func.body, BufferStore)]
    indices = [index for access in accesses for index in access.indices]
    return [*indices, *(loop.extent for loop in collect(func.body, For))]


def _divisors(func: PrimFunc) -> list[Any]:
    """What is divided or shifted by: undefined for zero, or for more bits than there are."""
    return [operation.b for kind in _DIVIDING for operation in collect(func.body, kind)]


_DIVIDING = (Div, Mod, FloorDiv, FloorMod, LShift, RShift)


def _read_in(values: Iterable[Any]) -> list[Any]:
    """The buffers that expressions read."""
    return [load.source for value in values for load in collect(value, TensorLoad)]


def _among(buffer: Any, buffers: Iterable[Any]) -> bool:
    return any(other.same_as(buffer) for other in buffers)
