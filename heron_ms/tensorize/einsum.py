"""A block read as an einsum: iterators, three operands, and which iterator indexes which operand.

``C[...] += cast(A[...]) * cast(B[...])``. The characteristic vector of an iterator (a word of
TensorIR's) says whether it indexes A, B and C; two iterators with the same vector play the same
part, and an intrinsic's iterator can only take over iterators with its own vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import (
    Add,
    Analyzer,
    BufferStore,
    Cast,
    Mul,
    Range,
    TensorLoad,
    Var,
    any_uses,
    collect,
    constant,
    reduces,
    uses,
)
from heron_ms.tensorize.reasons import Reason, Refused

Vector = tuple[bool, bool, bool]

ROWS: Vector = (True, False, True)
LANES: Vector = (False, True, True)
DEPTH: Vector = (True, True, False)


@dataclass(frozen=True)
class Axis:
    """A block iterator; ``var`` is TVM's variable."""

    name: str
    extent: int
    reduces: bool
    var: Any


@dataclass(frozen=True)
class Operand:
    """A buffer as the einsum touches it; ``region`` is its position among the block's reads.

    is_small: whether it holds small bytes (`small_bytes`).
    """

    buffer: Any
    indices: tuple[Any, ...]
    axes: frozenset[int]
    region: int
    is_small: bool = False

    @property
    def dtype(self) -> str:
        """The type of one element."""
        return str(self.buffer.dtype)


@dataclass(frozen=True)
class Einsum:
    """``a`` is the left factor as the program writes it, ``b`` the right one."""

    block: str
    axes: tuple[Axis, ...]
    a: Operand
    b: Operand
    c: Operand

    @property
    def swapped(self) -> Einsum:
        """The same sum with the factors exchanged."""
        return Einsum(self.block, self.axes, self.b, self.a, self.c)

    @property
    def operands(self) -> tuple[Operand, Operand, Operand]:
        """A, B and C."""
        return self.a, self.b, self.c

    @property
    def dtypes(self) -> tuple[str, str, str]:
        """The types of A, B and C."""
        return self.a.dtype, self.b.dtype, self.c.dtype

    @property
    def extents(self) -> tuple[int, ...]:
        """The extents of the iterators."""
        return tuple(axis.extent for axis in self.axes)

    def vector(self, axis: int) -> Vector:
        """Whether an iterator indexes A, B and C."""
        return axis in self.a.axes, axis in self.b.axes, axis in self.c.axes

    def those(self, vector: Vector) -> tuple[int, ...]:
        """The iterators with a characteristic vector, outermost first, but for those of extent one.

        Where all have extent one: the last that is an index by itself, as no other can be padded.
        """
        alike = [p for p in range(len(self.axes)) if self.vector(p) == vector]
        long = tuple(p for p in alike if self.axes[p].extent > 1)
        return long or tuple([p for p in alike if self._is_index(p)][-1:])

    def _is_index(self, axis: int) -> bool:
        touching = [operand for operand in self.operands if axis in operand.axes]
        var = self.axes[axis].var
        return all(any(var.same_as(index) for index in operand.indices) for operand in touching)


def read_einsum(block: Any) -> Einsum:
    """Read a TensorIR ``SBlock``; raises `Refused` where it is no einsum with constant extents."""
    if block.init is None:
        raise Refused(Reason.NO_EINSUM, "no reduction that starts from an initial value")
    return read_sum(block)


def read_sum(block: Any) -> Einsum:
    """`read_einsum` for a block that need not initialise, as an intrinsic's description."""
    store = block.body
    left, right = _factors(store)
    axes = read_axes(block)
    reads = [region.source for region in block.reads]
    a, b = (_operand(load.source, load.indices, axes, reads) for load in (left, right))
    _check_reads(a, b)
    return Einsum(str(block.name_hint), axes, a, b, _operand(store.buffer, store.indices, axes, []))


def read_axes(block: Any) -> tuple[Axis, ...]:
    """The iterators of a block; raises `Refused` where an extent is not constant."""
    return tuple(map(_axis, block.iter_vars))


def _factors(store: Any) -> tuple[Any, Any]:
    if not isinstance(store, BufferStore):
        raise Refused(Reason.NO_EINSUM, "more than one statement")
    if not isinstance(store.value, Add):
        raise Refused(Reason.NO_EINSUM, "the reduction is no sum")
    terms = [store.value.a, store.value.b]
    products = [term for term in terms if isinstance(term, Mul)]
    if len(products) != 1:
        raise Refused(Reason.NO_EINSUM, "the summand is no product of two operands")
    factors = [_plain(side) for side in (products[0].a, products[0].b)]
    for factor in factors:
        if not isinstance(factor, TensorLoad):
            raise Refused(Reason.NO_EINSUM, f"the operand {factor} is no plain load")
    return factors[0], factors[1]


def _plain(side: Any) -> Any:
    # One cast, to the accumulator: a second one may change the value.
    return side.value if isinstance(side, Cast) else side


def _check_reads(a: Operand, b: Operand) -> None:
    if a.buffer.same_as(b.buffer):
        name = a.buffer.name
        raise Refused(Reason.ACCESS, f"both factors are read from {name}, and TVM copies a buffer")
    for operand in (a, b):
        if any(collect(index, TensorLoad) for index in operand.indices):
            name = operand.buffer.name
            raise Refused(Reason.ACCESS, f"{name} is read at indices that are loaded")


def _axis(iterator: Any) -> Axis:
    extent = constant(iterator.dom.extent)
    if extent is None:
        raise Refused(Reason.DYNAMIC, f"{iterator.var} runs to {iterator.dom.extent}")
    return Axis(str(iterator.var.name), extent, reduces(iterator), iterator.var)


def _operand(buffer: Any, indices: Any, axes: tuple[Axis, ...], reads: list[Any]) -> Operand:
    region = next((p for p, read in enumerate(reads) if read.same_as(buffer)), -1)
    depended = _depended(indices, axes)
    _refuse_idle(indices, axes, depended)
    return Operand(buffer, tuple(indices), depended, region)


def _refuse_idle(indices: Any, axes: tuple[Axis, ...], depended: frozenset[int]) -> None:
    """Raise `Refused` where TVM would count an iterator as one that an index does not depend on."""
    for index in indices:
        used = [p for p in range(len(axes)) if uses(index, axes[p].var)]
        idle = [axes[p].name for p in used if axes[p].extent > 1 and p not in depended]
        # Beside an iterator of extent one it drops the wrong one from the copy of an operand.
        if idle and any(axes[p].extent == 1 for p in used):
            raise Refused(Reason.ACCESS, f"{index} names {idle[0]} but does not depend on it")


def touched(indices: Sequence[Any], axes: tuple[Axis, ...]) -> frozenset[int]:
    """The iterators that occur in indices."""
    return frozenset(p for p, axis in enumerate(axes) if any_uses(indices, axis.var))


def _depended(indices: Any, axes: tuple[Axis, ...]) -> frozenset[int]:
    """The iterators that indices depend on: ``co // 64 * 64 + ci`` does not on a co below 64."""
    analyzer = Analyzer()
    for axis in axes:
        analyzer.bind(axis.var, Range(0, axis.extent))
    # Not an index by itself, in the place of which zero would be put where its extent is one.
    simple = [index if isinstance(index, Var) else analyzer.simplify(index) for index in indices]
    return touched(simple, axes)
