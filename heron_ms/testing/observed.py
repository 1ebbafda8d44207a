"""What a scheduled program shows by itself: its loops, the bytes they touch, what is allocated.

Nothing here knows of the constraint rules; that is what makes the comparison with their variables
worth something.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from tvm.ir.expr import Call
from tvm.target.codegen import llvm_lookup_intrinsic_id

from heron_ms._tvm import For, IRModule, SBlock, SBlockRealize, Var, collect, constant, tirx

VPDPBUSD = "llvm.x86.avx512.vpdpbusd.512"


@dataclass(frozen=True)
class Nest:
    """A block where it stands: its realisation and the loops around it, outermost first."""

    realize: SBlockRealize
    loops: tuple[For, ...]

    @property
    def block(self) -> SBlock:
        """The block itself."""
        return self.realize.block

    @property
    def extents(self) -> list[int]:
        """The extents of the loops."""
        return [int(each.extent) for each in self.loops]


def nests(mod: IRModule) -> dict[str, Nest]:
    """Every block of the main function by name, with the loops up to the enclosing block."""
    found = _nests(mod["main"].body, ())
    return {str(each.block.name_hint): each for each in found}


def _nests(stmt: Any, loops: tuple[For, ...]) -> Iterator[Nest]:
    if isinstance(stmt, SBlockRealize):
        yield Nest(stmt, loops)
        yield from _nests(stmt.block.body, ())
    elif isinstance(stmt, For):
        yield from _nests(stmt.body, (*loops, stmt))
    elif isinstance(stmt, tirx.SeqStmt):
        for each in stmt.seq:
            yield from _nests(each, loops)


def touched(nest: Nest, region: Any, inside: Sequence[For]) -> list[int]:
    """Elements of each dimension of a region that a block touches while the loops inside run.

    The other loops stand at zero. Indices grow with every loop, so that the first and the last
    iteration are the extremes.
    """
    return [_reach(nest, each, inside) for each in region.region]


def _reach(nest: Nest, dimension: Any, inside: Sequence[For]) -> int:
    length = constant(dimension.extent)
    assert length is not None, f"a region of unknown length: {dimension}"
    values = dict.fromkeys((each.loop_var for each in nest.loops), 0)
    first = _at(dimension.min, _bound(nest, values))
    values.update({each.loop_var: int(each.extent) - 1 for each in inside})
    return _at(dimension.min, _bound(nest, values)) - first + length


def _bound(nest: Nest, loops: dict[Any, int]) -> dict[Any, int]:
    """The block's iterators at some values of the loops."""
    bindings = zip(nest.block.iter_vars, nest.realize.iter_values, strict=True)
    return {each.var: _at(value, loops) for each, value in bindings}


def _at(expr: Any, values: dict[Any, int]) -> int:
    """An integer expression, evaluated."""
    if isinstance(expr, Var):
        return values[expr]
    number = constant(expr)
    if number is not None:
        return number
    operation = _OPERATIONS[type(expr).__name__]
    return operation(_at(expr.a, values), _at(expr.b, values))


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "FloorDiv": operator.floordiv,
    "FloorMod": operator.mod,
}


def bytes_of(buffer: Any, shape: Sequence[int]) -> int:
    """Bytes of a tile of a buffer."""
    return int(np.dtype(str(buffer.dtype)).itemsize) * prod(shape)


def allocated(compacted: IRModule) -> dict[str, int]:
    """Bytes of every buffer that a program allocates in its blocks, by the buffer's name."""
    return {
        str(buffer.name): bytes_of(buffer, [int(each) for each in buffer.shape])
        for block in collect(compacted["main"].body, SBlock)
        for buffer in block.alloc_buffers
    }


def instructions(root: Any, name: str = VPDPBUSD) -> int:
    """How often an LLVM intrinsic is called under a node of a program."""
    wanted = int(llvm_lookup_intrinsic_id(name))
    calls = [c for c in collect(root, Call) if str(c.op.name).startswith("tirx.call_llvm")]
    return sum(int(each.args[0]) == wanted for each in calls)
