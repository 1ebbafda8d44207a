"""Random inputs of a model that mean something to it: an index lies in the table that it is for.

Where an integer input of "main" gets to is followed through the functions of the fused module, and
in each of them to where it says which element of a buffer is accessed (`indices`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, operator_of, structural_equal, tirx
from heron_ms.indices import Held, held_in, limits
from heron_ms.models.model import Input, Model
from heron_ms.random_arguments import random_array

FLAGS = 2
"""Integers that address nothing, as masks, are below this."""
_WIDE = ("int16", "int32", "int64", "uint16", "uint32", "uint64")


def random_inputs(model: Model, rng: Generator) -> list[NDArray[Any]]:
    """An array for each input.

    Floats are standard normal, integers of 8 bits take their whole range; wider ones are indices of
    what they address, or 0 and 1 where they address nothing, as masks do.
    """
    below: dict[str, int] = {}
    if any(given.dtype in _WIDE for given in model.inputs):
        params = model.fused["main"].params
        below = {
            given.name: min(_limits(model.fused, param), default=FLAGS)
            for given, param in zip(model.inputs, params, strict=True)
        }
    return [_random(given, below.get(given.name, FLAGS), rng) for given in model.inputs]


def plain_inputs(inputs: Sequence[Input], rng: Generator) -> list[NDArray[Any]]:
    """The same where only the inputs are known: wide integers are 0, which any table has."""
    return [_random(given, 1, rng) for given in inputs]


def _random(given: Input, limit: int, rng: Generator) -> NDArray[Any]:
    safe = (0, limit) if given.dtype in _WIDE else None
    return random_array(given.dtype, given.shape, safe, rng)


def _limits(fused: IRModule, param: Any) -> Iterator[int]:
    """What an input of "main" has to be below, for each access that it addresses."""
    element = tirx.Var("element", str(param.ty.dtype))
    reached = [Held(param, element)]
    for block in fused["main"].body.blocks:
        for binding in block.bindings:
            for func, place, value in _calls(fused, binding.value, reached):
                held = held_in(func, func.params[place], value)
                for limit in limits(func, held, element):
                    yield FLAGS if limit is None else limit
                results = [one.value for one in held if one.buffer.same_as(func.params[-1])]
                # Else both ways around a residual connection would be followed apart from there on.
                known = [one.value for one in reached if one.buffer.same_as(binding.var)]
                reached += [Held(binding.var, new) for new in results if not _is_among(new, known)]


def _calls(fused: IRModule, value: Any, reached: list[Held]) -> Iterator[tuple[PrimFunc, int, Any]]:
    """The function that a binding calls, which argument is reached, and what that holds."""
    if operator_of(value) != "relax.call_tir":
        return
    for place, argument in enumerate(value.args[1].fields):
        for one in reached:
            if one.buffer.same_as(argument):
                yield fused[value.args[0]], place, one.value


def _is_among(value: Any, others: list[Any]) -> bool:
    """Whether an expression, or None for one that is open, equals one of some."""
    if value is None:
        return None in others
    return any(other is not None and structural_equal(other, value) for other in others)
