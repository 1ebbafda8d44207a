"""Random inputs of a model that mean something to it: an index lies in the table that it is for.

Where an integer input of "main" gets to is followed through the functions of the fused module, and
in each of them through the buffers it is stored to, until it says where a buffer is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms._tvm import (
    BufferStore,
    IRModule,
    PrimFunc,
    TensorLoad,
    collect,
    constant,
    operator_of,
)
from heron_ms.models.model import Input, Model
from heron_ms.random_arguments import among, random_array

_WIDE = ("int16", "int32", "int64", "uint16", "uint32", "uint64")


def random_inputs(model: Model, rng: Generator) -> list[NDArray[Any]]:
    """An array for each input.

    Floats are standard normal, integers of 8 bits take their whole range; wider ones are indices
    below the smallest dimension that they address, or 0 and 1 where they address none, as masks do.
    """
    limits: dict[str, int] = {}
    if any(given.dtype in _WIDE for given in model.inputs):
        params = model.fused["main"].params
        limits = {
            given.name: min(_limits(model.fused, param), default=2)
            for given, param in zip(model.inputs, params, strict=True)
        }
    return [_random(given, limits.get(given.name, 2), rng) for given in model.inputs]


def plain_inputs(inputs: Sequence[Input], rng: Generator) -> list[NDArray[Any]]:
    """The same where only the inputs are known: wide integers are 0, which any table has."""
    return [_random(given, 1, rng) for given in inputs]


def _random(given: Input, limit: int, rng: Generator) -> NDArray[Any]:
    safe = (0, limit) if given.dtype in _WIDE else None
    return random_array(given.dtype, given.shape, safe, rng)


def _limits(fused: IRModule, param: Any) -> Iterator[int]:
    """The sizes of the dimensions that an input of "main" addresses."""
    reached = [param]
    for block in fused["main"].body.blocks:
        for binding in block.bindings:
            for func, place in _calls(fused, binding.value, reached):
                buffers = _written_from(func, func.params[place])
                yield from _addressed(func, buffers)
                if among(func.params[-1], buffers):
                    reached.append(binding.var)


def _calls(fused: IRModule, value: Any, reached: list[Any]) -> Iterator[tuple[PrimFunc, int]]:
    """The function that a binding calls, once for each argument that an input gets to."""
    if operator_of(value) != "relax.call_tir":
        return
    for place, argument in enumerate(value.args[1].fields):
        if among(argument, reached):
            yield fused[value.args[0]], place


def _written_from(func: PrimFunc, param: Any) -> list[Any]:
    """The buffers that hold what is computed from an argument, itself among them."""
    stores = collect(func.body, BufferStore)
    buffers, before = [param], 0
    while len(buffers) > before:
        before = len(buffers)
        buffers += [
            store.buffer
            for store in stores
            if not among(store.buffer, buffers) and _reads(store.value, buffers)
        ]
    return buffers


def _addressed(func: PrimFunc, buffers: list[Any]) -> Iterator[int]:
    """The sizes of the dimensions that elements of some buffers are indices of."""
    loads = [(load.source, load.indices) for load in collect(func.body, TensorLoad)]
    stores = [(store.buffer, store.indices) for store in collect(func.body, BufferStore)]
    for buffer, indices in [*loads, *stores]:
        for index, size in zip(indices, buffer.shape, strict=True):
            if _reads(index, buffers) and constant(size) is not None:
                yield int(size)


def _reads(expr: Any, buffers: list[Any]) -> bool:
    return any(among(load.source, buffers) for load in collect(expr, TensorLoad))
