"""What a scheduled program shows by itself: its loops, the bytes they touch, what is allocated.

Nothing here knows of the constraint rules; that is what makes the comparison with their variables
worth something.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import Any

from tvm.ir.expr import Call

from heron_ms._tvm import (
    Cast,
    For,
    IRModule,
    SBlock,
    SBlockRealize,
    Var,
    collect,
    constant,
    itemsize,
    tirx,
)


@dataclass(frozen=True)
class Nest:
    """A block where it stands: its realisation, and the loops around it, outermost first.

    ``parent`` is the name of the block around these.
    """

    realize: SBlockRealize
    loops: tuple[For, ...]
    parent: str = ""

    @property
    def block(self) -> SBlock:
        """The block itself."""
        return self.realize.block

    @property
    def extents(self) -> list[int]:
        """The extents of the loops."""
        return [int(loop.extent) for loop in self.loops]

    @property
    def iterators(self) -> list[int]:
        """The extents of the block's iterators."""
        return [int(iterator.dom.extent) for iterator in self.block.iter_vars]

    def iterator_of(self, loop: For) -> int:
        """The extent of the iterator that a loop counts for."""
        values = self.realize.iter_values
        uses = [any(loop.loop_var.same_as(var) for var in collect(v, Var)) for v in values]
        return self.iterators[uses.index(True)]


def nests(mod: IRModule) -> dict[str, Nest]:
    """Every block of the main function by name, with the loops up to the enclosing block."""
    blocks = _nests(mod["main"].body, (), "")
    return {str(nest.block.name_hint): nest for nest in blocks}


def _nests(stmt: Any, loops: tuple[For, ...], parent: str) -> Iterator[Nest]:
    if isinstance(stmt, SBlockRealize):
        yield Nest(stmt, loops, parent)
        yield from _nests(stmt.block.body, (), str(stmt.block.name_hint))
    elif isinstance(stmt, For):
        yield from _nests(stmt.body, (*loops, stmt), parent)
    elif isinstance(stmt, tirx.SeqStmt):
        for child in stmt.seq:
            yield from _nests(child, loops, parent)


def touched(nest: Nest, region: Any, inside: Sequence[For]) -> list[int]:
    """Elements of each dimension of a region that a block touches while the loops inside run.

    The other loops stand at zero. Indices grow or fall with every loop, so that its first and last
    iterations are the extremes.
    """
    return [_reach(nest, dimension, inside) for dimension in region.region]


def _reach(nest: Nest, dimension: Any, inside: Sequence[For]) -> int:
    length = constant(dimension.extent)
    assert length is not None, f"a region of unknown length: {dimension}"
    ends = [(loop.loop_var, int(loop.extent) - 1) for loop in inside]
    first = _value(nest, dimension.min, {})
    grows = {var: last for var, last in ends if _value(nest, dimension.min, {var: last}) > first}
    falls = {var: last for var, last in ends if _value(nest, dimension.min, {var: last}) < first}
    reached = [_value(nest, dimension.min, corner) for corner in (grows, falls)]
    return reached[0] - reached[1] + length


def spans(nest: Nest, inside: Sequence[For]) -> list[int]:
    """How many values each iterator of a block takes while the loops inside run."""
    last = {loop.loop_var: int(loop.extent) - 1 for loop in inside}
    first = dict.fromkeys((loop.loop_var for loop in nest.loops), 0)
    start, end = _bound(nest, first), _bound(nest, {**first, **last})
    return [end[iterator.var] - start[iterator.var] + 1 for iterator in nest.block.iter_vars]


def used(nest: Nest, expr: Any) -> list[int]:
    """The positions of the iterators that an index depends on."""
    variables = collect(expr, Var)
    iterators = enumerate(nest.block.iter_vars)
    return [p for p, iterator in iterators if any(iterator.var.same_as(var) for var in variables)]


def terms(nest: Nest, dimension: Any, inside: Sequence[For]) -> list[int]:
    """What each iterator adds to a dimension: the values that it takes, times its coefficient."""
    zero = dict.fromkeys((iterator.var for iterator in nest.block.iter_vars), 0)
    first = _at(dimension.min, zero)
    steps = [_at(dimension.min, {**zero, var: 1}) - first for var in zero]
    return [abs(step) * size for step, size in zip(steps, spans(nest, inside), strict=True)]


def _value(nest: Nest, expr: Any, loops: dict[Any, int]) -> int:
    """An index at some values of the loops, the others being zero."""
    values = {**dict.fromkeys((loop.loop_var for loop in nest.loops), 0), **loops}
    return _at(expr, _bound(nest, values))


def _bound(nest: Nest, loops: dict[Any, int]) -> dict[Any, int]:
    """The block's iterators at some values of the loops."""
    bindings = zip(nest.block.iter_vars, nest.realize.iter_values, strict=True)
    return {iterator.var: _at(value, loops) for iterator, value in bindings}


def _at(expr: Any, values: dict[Any, int]) -> int:
    """An integer expression, evaluated."""
    if isinstance(expr, Var):
        return values[expr]
    number = constant(expr)
    if number is not None:
        return number
    if isinstance(expr, Cast):
        return _at(expr.value, values)
    operation = _OPERATIONS[type(expr).__name__]
    return operation(_at(expr.a, values), _at(expr.b, values))


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "FloorDiv": operator.floordiv,
    "FloorMod": operator.mod,
    "Max": max,
    "Min": min,
}


def bytes_of(buffer: Any, shape: Sequence[int]) -> int:
    """Bytes of a tile of a buffer."""
    return itemsize(buffer) * prod(shape)


def allocated(compacted: IRModule) -> dict[str, int]:
    """Bytes of every buffer that a program allocates in its blocks, by the name of its variable.

    A variable is named after the buffer; of several of one name all but the first have a number.
    """
    sizes: dict[str, int] = {}
    for buffer in _buffers(compacted):
        sizes[_unique(f"{buffer.name}.bytes", sizes)] = _size(buffer)
    return sizes


def allocated_in(compacted: IRModule, scope: str) -> int:
    """Bytes of all buffers that a program allocates in a scope, as if all lived at one time."""
    return sum(_size(buffer) for buffer in _buffers(compacted) if str(buffer.scope()) == scope)


def _buffers(compacted: IRModule) -> Iterator[Any]:
    for block in collect(compacted["main"].body, SBlock):
        yield from block.alloc_buffers


def _size(buffer: Any) -> int:
    return bytes_of(buffer, [int(extent) for extent in buffer.shape])


def _unique(name: str, taken: Collection[str]) -> str:
    names = (name if number == 1 else f"{name}~{number}" for number in count(1))
    return next(candidate for candidate in names if candidate not in taken)


def instructions(root: Any) -> Counter[int]:
    """How often each LLVM intrinsic is called under a node of a program, by LLVM's number."""
    return Counter(int(call.args[0]) for call in _llvm_calls(root))


def multiplied_tiles(root: Any) -> list[tuple[int, ...]]:
    """The numbers of the registers of C, A and B in each multiplication of tile registers.

    These are LLVM intrinsics of three arguments of 8 bits; the loops over tiles are unrolled.
    """
    arguments = (list(call.args[1:]) for call in _llvm_calls(root))
    return [
        tuple(_at(number, {}) for number in given)
        for given in arguments
        if len(given) == 3 and all(str(number.ty) == "int8" for number in given)
    ]


def _llvm_calls(root: Any) -> list[Any]:
    return [c for c in collect(root, Call) if str(c.op.name).startswith("tirx.call_llvm")]
