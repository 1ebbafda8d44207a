"""Makes the TensorIR of an intrinsic with TVM's IR builder.

A function takes a third of a millisecond to build; to parse it from TVMScript takes forty times as
long, and `import heron_ms` has to register every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.errors import IntrinsicError
from heron_ms.hardware.memory import GLOBAL

Emit = Callable[[Any, Any, Any], None]
"""Writes the statements of an implementation, given the buffers A, B and C."""


@dataclass(frozen=True)
class Tile:
    """The operands of one intrinsic: C[rows, lanes] += A[rows, depth] * B[lanes, depth].

    Dimensions of extent one are left out of the buffers, because TVM matches no iterator of extent
    one; where nothing is left of A, its shape is (1,). ``scopes`` are those of A, B and C.
    ``group``: B is (depth / group, lanes, group); 0 for (lanes, depth).
    """

    a_dtype: str
    b_dtype: str
    c_dtype: str
    lanes: int
    depth: int
    rows: int = 1
    scopes: tuple[str, str, str] = (GLOBAL, GLOBAL, GLOBAL)
    group: int = 0

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """The shapes of A, B and C."""
        a, b, c = (self.rows, self.depth), (self.lanes, self.depth), (self.rows, self.lanes)
        grouped = (self.depth // self.group, self.lanes, self.group) if self.group else None
        return _more_than_one(a) or (1,), grouped or _more_than_one(b), _more_than_one(c)

    @property
    def dtypes(self) -> tuple[str, str, str]:
        """The dtypes of A, B and C."""
        return self.a_dtype, self.b_dtype, self.c_dtype


def describe(tile: Tile) -> PrimFunc:
    """The semantics of a dot-product intrinsic, for TVM to compare with a program."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("description")
        a, b, c = (
            T.arg(name, T.Buffer(shape, dtype, offset_factor=1, scope=scope))
            for name, shape, dtype, scope in _operands(tile)
        )
        with T.sblock("root"):
            _regions(a, b, c)
            shape = {"rows": tile.rows, "lanes": tile.lanes, "depth": tile.depth}
            multiply_accumulate(a, b, c, group=tile.group, **shape)
    return builder.get()


def implement(tile: Tile, emit: Emit) -> PrimFunc:
    """What replaces the description.

    Strides are declared because `tensorize` checks only those it is told: a tile of B that is not
    contiguous would otherwise be loaded from the wrong addresses without an error.
    """
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("implementation")
        a, b, c = (
            T.arg(name, T.Buffer(shape, dtype, offset_factor=1, strides=strides, scope=scope))
            for (name, shape, dtype, scope), strides in zip(
                _operands(tile), _strides(tile), strict=True
            )
        )
        with T.sblock("root"):
            _regions(a, b, c)
            emit(a, b, c)
    return builder.get()


def multiply_accumulate(
    a: Any, b: Any, c: Any, *, rows: int, lanes: int, depth: int, group: int = 0
) -> None:
    """The block C[i, j] += cast(A[i, k]) * cast(B[j, k]), without the loops of extent one."""
    extents = [extent for extent in (rows, lanes, depth) if extent > 1]
    with T.grid(*extents) as loops, T.sblock("update"):
        variables = iter([loops] if len(extents) == 1 else loops)
        i = [T.axis.spatial(rows, next(variables))] if rows > 1 else []
        j = [T.axis.spatial(lanes, next(variables))]
        k = [T.axis.reduce(depth, next(variables))] if depth > 1 else []
        at = [k[0] // group, *j, k[0] % group] if group else j + k
        product = _load(a, i + k or [0], c.dtype) * _load(b, at, c.dtype)
        T.buffer_store(c, c[tuple(i + j)] + product, i + j)


def _load(buffer: Any, indices: list[Any], dtype: Any) -> Any:
    element = buffer[tuple(indices)]
    return element if buffer.dtype == dtype else T.cast(element, str(dtype))


def store(buffer: Any, value: Any, lanes: int, row: Sequence[int] = ()) -> None:
    """Stores a vector of lanes at the start of a buffer, or of one of its rows."""
    T.buffer_store(buffer, value, [*row, T.ramp(0, 1, lanes)])


def whole(buffer: Any) -> Any:
    """The region that is all of a buffer."""
    return buffer[tuple(slice(0, int(extent)) for extent in buffer.shape)]


def llvm(dtype: str, name: str, *arguments: Any) -> Any:
    """A call of an LLVM intrinsic without side effects."""
    return T.call_llvm_pure_intrin(dtype, name, *arguments)


def word(buffer: Any) -> Any:
    """The first 32 bits of a buffer as an int32; raises `IntrinsicError` for longer elements."""
    count = 32 // buffer.dtype.bits
    if not count:
        raise IntrinsicError(
            f"{buffer.dtype} does not fit in the 32 bits that `word` and `spread` read: "
            "use T.broadcast(A[0], lanes)"
        )
    return T.reinterpret("int32", buffer.vload([0], f"{buffer.dtype}x{count}"))


def spread(buffer: Any, lanes: int) -> Any:
    """The first 32 bits of a buffer in every lane: a vector of int32."""
    return T.broadcast(word(buffer), lanes)


def _operands(tile: Tile) -> Iterator[tuple[str, tuple[int, ...], str, str]]:
    """Name, shape, dtype and scope of A, B and C."""
    return zip("ABC", tile.shapes, tile.dtypes, tile.scopes, strict=True)


def _more_than_one(extents: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(extent for extent in extents if extent > 1)


def _strides(tile: Tile) -> list[list[Any]]:
    """B is compact; the rows of A and C may lie anywhere."""
    a, b, c = (len(shape) for shape in tile.shapes)
    compact = [tile.lanes * tile.group, tile.group, 1] if tile.group else [tile.depth, 1]
    return [[T.int32(), 1][-a:], compact[-b:], [T.int32(), 1][-c:]]


def _regions(a: Any, b: Any, c: Any) -> None:
    sums = whole(c)
    T.reads(sums, whole(a), whole(b))
    T.writes(sums)
