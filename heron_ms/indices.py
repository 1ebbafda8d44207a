"""How large an index may be: what is computed from it is followed to where it addresses a buffer.

An element of an argument is a variable. A buffer that holds nothing but what is computed from one
such element holds an expression of it, and TVM's analyzer proves below which number the variable
keeps an access in bounds. So an index that is wrapped, moved or flattened on its way, as
``where(i < 0, i + n, i)`` does, is drawn from all that the program may be given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import (
    Analyzer,
    BufferStore,
    For,
    PrimFunc,
    Range,
    SBlock,
    TensorLoad,
    collect,
    constant,
    structural_map,
    tirx,
)

MOST = 1000
"""What an index that may be anything is below, such as one that is taken modulo something."""
_ANY = 2**30


@dataclass(frozen=True)
class Held:
    """A buffer, and the expression of an element that it holds; None for another one than that."""

    buffer: Any
    value: Any


def element_of(param: Any) -> Any:
    """The variable that an element of an argument is."""
    return tirx.Var("element", str(param.dtype))


def held_in(func: PrimFunc, param: Any, value: Any) -> list[Held]:
    """Every buffer that holds what is computed from an argument, which itself holds ``value``."""
    held = [Held(param, value)]
    stores = collect(func.body, BufferStore)
    for _ in stores:
        known = [one.buffer for one in held]
        read = [s for s in stores if not among(s.buffer, known) and _found(s.value, held)]
        if not read:
            break
        buffer = read[0].buffer
        several = sum(store.buffer.same_as(buffer) for store in stores) > 1
        held.append(Held(buffer, None if several else _expressed(read[0].value, held)))
    return held


def limits(func: PrimFunc, held: list[Held], element: Any) -> Iterator[int | None]:
    """What the element has to be below for each index that it is in; None where that is open."""
    for index, size in _addresses(func):
        if _found(index, held):
            value = _expressed(index, held)
            yield None if value is None else _largest(_within(func), value, element, size)


def among(buffer: Any, buffers: Iterable[Any]) -> bool:
    """Whether a buffer is one of some, itself and not one that is equal."""
    return any(other.same_as(buffer) for other in buffers)


def _addresses(func: PrimFunc) -> Iterator[tuple[Any, Any]]:
    """Each index of each access, and the size of its dimension."""
    loads = [(load.source, load.indices) for load in collect(func.body, TensorLoad)]
    stores = [(store.buffer, store.indices) for store in collect(func.body, BufferStore)]
    for buffer, indices in [*loads, *stores]:
        yield from zip(indices, buffer.shape, strict=True)


def _largest(analyzer: Any, value: Any, element: Any, size: Any) -> int | None:
    """The largest of some numbers below which an element keeps an index in its dimension."""

    def is_safe(limit: int) -> bool:
        analyzer.bind(element, Range(0, limit), True)
        return bool(analyzer.can_prove(tirx.all(value >= 0, value < size)))

    if is_safe(_ANY):
        return MOST
    limit = constant(size) or 0
    while limit and not is_safe(limit):
        limit //= 2
    return limit or None


def _within(func: PrimFunc) -> Any:
    """An analyzer that knows where the loops of a function run."""
    analyzer = Analyzer()
    for loop in collect(func.body, For):
        analyzer.bind(loop.loop_var, Range.from_min_extent(loop.min, loop.extent))
    for block in collect(func.body, SBlock):
        for iterator in block.iter_vars:
            analyzer.bind(iterator.var, iterator.dom)
    return analyzer


def _expressed(expr: Any, held: list[Held]) -> Any:
    """An expression of an element in place of what is read; None where anything else is read."""
    values = [one.value for load in collect(expr, TensorLoad) for one in _of(load, held)]
    if None in values or len(values) < len(collect(expr, TensorLoad)):
        return None
    return structural_map(expr, (TensorLoad, lambda load: _of(load, held)[0].value))


def _found(expr: Any, held: list[Held]) -> bool:
    return any(_of(load, held) for load in collect(expr, TensorLoad))


def _of(load: Any, held: list[Held]) -> list[Held]:
    return [one for one in held if one.buffer.same_as(load.source)]
