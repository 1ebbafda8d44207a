"""Random arguments for any TensorIR function, of which none makes it read out of bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms._tvm import BufferStore, For, PrimFunc, TensorLoad, collect, constant
from heron_ms.errors import DynamicShapeError, InvalidDimensionError
from heron_ms.workloads.base import to_dtype

SPREAD = 1000
"""Magnitude of integers wider than 8 bits, so that sums of them do not overflow at once."""


def random_arguments(
    func: PrimFunc, rng: Generator, given: Sequence[NDArray[Any]] = ()
) -> list[NDArray[Any]]:
    """An array for each argument of a function, the first ones those that are given.

    Floats are standard normal; integers of 8 bits take their whole range, wider ones +-1000; those
    that the function uses as an index or a bound lie within its smallest dimension. Raises
    `DynamicShapeError` for a shape that is not constant, `InvalidDimensionError` for a given array
    of another one.
    """
    shapes = [_shape(func, each) for each in func.params]
    for param, array, shape in zip(func.params, given, shapes, strict=False):
        if np.shape(array) != shape:
            raise InvalidDimensionError(f"{param.name} has shape {shape}, got {np.shape(array)}")
    smallest = min((size for shape in shapes for size in shape), default=1)
    rest = list(zip(func.params, shapes, strict=True))[len(given) :]
    return [*given, *(_random(func, each, shape, smallest, rng) for each, shape in rest)]


def _shape(func: PrimFunc, param: Any) -> tuple[int, ...]:
    sizes = [constant(each) for each in getattr(param, "shape", [None])]
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
    if _addresses(func, param):
        return rng.integers(0, smallest, shape).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -SPREAD), min(info.max, SPREAD)
    return rng.integers(low, high, shape, endpoint=True).astype(dtype)


def _addresses(func: PrimFunc, param: Any) -> bool:
    """Whether an element of an argument says where another buffer is accessed, or how often."""
    accesses = [*collect(func.body, TensorLoad), *collect(func.body, BufferStore)]
    indices = [index for each in accesses for index in each.indices]
    bounds = [each.extent for each in collect(func.body, For)]
    read = [each for value in (*indices, *bounds) for each in collect(value, TensorLoad)]
    return any(each.source.same_as(param) for each in read)
