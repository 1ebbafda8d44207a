"""Random arguments for any TensorIR function, of which none makes it do what is undefined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from heron_ms.indices import among, element_of, held_in, limits
from heron_ms.small_bytes import LARGEST, small_bytes
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
    that the function uses as an index or a bound, or divides or shifts by, are as `safe_ranges`
    says. Raises `DynamicShapeError` for a shape that is not constant, `InvalidDimensionError` for a
    given array of another one.
    """
    shapes = [_shape(func, param) for param in func.params]
    for param, array, shape in zip(func.params, given, shapes, strict=False):
        if np.shape(array) != shape:
            raise InvalidDimensionError(f"{param.name} has shape {shape}, got {np.shape(array)}")
    ranges = safe_ranges(func)
    rest = list(enumerate(zip(func.params, shapes, strict=True)))[len(given) :]
    drawn = (random_array(str(p.dtype), shape, ranges.get(at), rng) for at, (p, shape) in rest)
    return [*given, *drawn]


def safe_ranges(func: PrimFunc) -> dict[int, tuple[int, int]]:
    """From where to below where the integers of some arguments may be, by the argument's position.

    Those of arguments that are used as an index or a bound, or divided or shifted by, and those of
    small bytes (`small_bytes`); all others may be anything. An index is as large as the program
    allows (`indices`); where that cannot be told, it stays within the smallest dimension of all
    arguments.
    """
    shapes = [[constant(size) for size in getattr(param, "shape", ())] for param in func.params]
    smallest = min((size for shape in shapes for size in shape if size is not None), default=1)
    ranges = dict.fromkeys(small_bytes(func), (-LARGEST, LARGEST + 1))
    addressing, dividing = _reached(func, _addresses(func)), _reached(func, _divisors(func))
    for at, param in enumerate(func.params):
        if "int" not in str(param.dtype):
            continue
        divides = among(param, dividing)
        if among(param, addressing):
            ranges[at] = (int(divides), max(int(divides) + 1, _bound(func, param, smallest)))
        elif divides:
            ranges[at] = (1, FEW)
    return ranges


def written(func: PrimFunc) -> list[int]:
    """The positions of the arguments that a function stores to."""
    stored = [store.buffer for store in collect(func.body, BufferStore)]
    return [at for at, param in enumerate(func.params) if among(param, stored)]


def _bound(func: PrimFunc, param: Any, smallest: int) -> int:
    """What an index among the elements of an argument has to be below."""
    element = element_of(param)
    found = list(limits(func, held_in(func, param, element), element))
    known = [limit for limit in found if limit is not None]
    return min(known) if known and len(known) == len(found) else smallest


def _shape(func: PrimFunc, param: Any) -> tuple[int, ...]:
    sizes = [constant(size) for size in getattr(param, "shape", [None])]
    if None in sizes:
        raise DynamicShapeError(f"argument {param.name} has no constant shape: bind its variables")
    return tuple(size for size in sizes if size is not None)


def random_array(
    dtype: str, shape: tuple[int, ...], safe: tuple[int, int] | None, rng: Generator
) -> NDArray[Any]:
    """An array as `random_arguments` draws it; ``safe`` is from where to below where integers lie.

    Without it integers of 8 bits take their whole range, wider ones +-1000.
    """
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if "int" not in dtype:
        return to_dtype(rng.standard_normal(shape), dtype)
    if safe is not None:
        return rng.integers(*safe, shape).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -SPREAD), min(info.max, SPREAD)
    return rng.integers(low, high, shape, endpoint=True).astype(dtype)


def _reached(func: PrimFunc, places: Iterable[Any]) -> list[Any]:
    """The buffers whose elements get to some places, also by way of other buffers."""
    stores = collect(func.body, BufferStore)
    reached: list[Any] = []
    more = _read_in(places)
    while more:
        reached += more
        values = [store.value for store in stores if among(store.buffer, more)]
        more = [buffer for buffer in _read_in(values) if not among(buffer, reached)]
    return reached


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
