"""Which iterators of a block an intrinsic can take over, by the operands that each one touches.

An iterator's characteristic vector says which of A, B and C it indexes. The intrinsic's lanes are
(B, C), its depth is (A, B); rows are (A, C) and stay loops, as does all that indexes every operand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import (
    Add,
    BufferStore,
    Cast,
    Mul,
    TensorLoad,
    Var,
    collect,
    constant,
    structural_equal,
    tirx,
)
from heron_ms.intrinsics import Intrinsic


@dataclass(frozen=True)
class Match:
    """A block and the intrinsic that can compute it.

    ``rows``, ``lanes`` and ``depth`` are positions among the block's iterators (rows is None for a
    matrix-vector product); ``a`` and ``b`` are positions among its read regions; ``weight`` is the
    layout of B: "packed", "kn" or "nk".
    """

    block: str
    intrinsic: Intrinsic
    rows: int
    lanes: int
    depth: int
    a: int
    b: int
    weight: str
    extents: tuple[int, ...]


@dataclass(frozen=True)
class NoMatch:
    """Why a block maps to no intrinsic; prints as one line."""

    block: str
    reason: str
    detail: str

    def __str__(self) -> str:
        return f"block {self.block}: {self.reason} ({self.detail})"


class _Refused(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def match_block(block: Any, intrinsics: Iterable[Intrinsic]) -> Match | NoMatch:
    """Match a TensorIR ``SBlock`` of the shape C += cast(A) * cast(B) to the first that fits."""
    name = str(block.name_hint)
    try:
        return _match(name, block, list(intrinsics))
    except _Refused as refused:
        return NoMatch(name, refused.reason, refused.detail)


def _match(name: str, block: Any, intrinsics: list[Intrinsic]) -> Match:
    output, left, right = _einsum(block)
    refused = _Refused(
        "dtype", f"no intrinsic of this machine takes {_dtype(left)} x {_dtype(right)}"
    )
    for intrinsic in intrinsics:
        # In this order only: TVM compares the body with the intrinsic's description term by term.
        if intrinsic.accepts(_dtype(left), _dtype(right), _dtype(output)):
            try:
                return _place(name, block, intrinsic, output, left, right)
            except _Refused as reason:
                refused = reason
    raise refused


def _einsum(block: Any) -> tuple[Any, Any, Any]:
    store = block.body
    if block.init is None or not isinstance(store, BufferStore):
        raise _Refused("not an einsum", "no reduction, or more than one statement")
    if not isinstance(store.value, Add):
        raise _Refused("not an einsum", "the reduction is no sum")
    terms = [store.value.a, store.value.b]
    products = [term for term in terms if isinstance(term, Mul)]
    if len(products) != 1:
        raise _Refused("not an einsum", "the summand is no product of two operands")
    return store, *(_operand(side) for side in (products[0].a, products[0].b))


def _operand(side: Any) -> Any:
    while isinstance(side, Cast):
        side = side.value
    if not isinstance(side, TensorLoad):
        raise _Refused("not an einsum", f"the operand {side} is no plain load")
    return side


def _place(name: str, block: Any, intrinsic: Intrinsic, output: Any, a: Any, b: Any) -> Match:
    iters = list(block.iter_vars)
    extents = tuple(_extent(each) for each in iters)
    used = [_iterators(access, iters) for access in (a, b, output)]

    def those(in_a: bool, in_b: bool, in_c: bool) -> list[int]:
        vector = (in_a, in_b, in_c)
        return [p for p in range(len(iters)) if tuple(p in each for each in used) == vector]

    lanes, depth = those(False, True, True), those(True, True, False)
    rows = those(True, False, True)
    if not lanes or len(depth) != 1 or not rows:
        raise _Refused("no axis", "needs rows (A, C), lanes (B, C) and one depth (A, B)")
    lane, row = lanes[-1], rows[-1]
    if not output.indices[-1].same_as(iters[lane].var):
        raise _Refused("layout", "the output is not contiguous along the lanes")
    if not a.indices[-1].same_as(iters[depth[0]].var):
        raise _Refused("layout", "the first operand is not contiguous along the depth")
    weight = _weight_layout(b, iters[lane].var, iters[depth[0]].var, intrinsic)
    reads = [region.source for region in block.reads]
    return Match(
        block=name,
        intrinsic=intrinsic,
        rows=row,
        lanes=lane,
        depth=depth[0],
        a=_position(reads, a.source),
        b=_position(reads, b.source),
        weight=weight,
        extents=extents,
    )


def _weight_layout(b: Any, lane: Any, depth: Any, intrinsic: Intrinsic) -> str:
    first, last = b.indices[-2], b.indices[-1]
    if first.same_as(depth) and last.same_as(lane):
        return "kn"
    if first.same_as(lane) and last.same_as(depth):
        return "nk"
    lanes, deep = intrinsic.lanes, intrinsic.depth
    packed = [
        tirx.FloorDiv(lane, tirx.const(lanes)),
        tirx.FloorDiv(depth, tirx.const(deep)),
        tirx.FloorMod(lane, tirx.const(lanes)),
        tirx.FloorMod(depth, tirx.const(deep)),
    ]
    tail = list(b.indices[-4:])
    if len(tail) == 4 and all(map(structural_equal, tail, packed)):
        return "packed"
    raise _Refused("layout", "the second operand is neither (K, N), (N, K) nor packed")


def _iterators(access: Any, iters: list[Any]) -> set[int]:
    used = [var for index in access.indices for var in collect(index, Var)]
    return {p for p, each in enumerate(iters) if any(each.var.same_as(var) for var in used)}


def _extent(iterator: Any) -> int:
    extent = constant(iterator.dom.extent)
    if extent is None:
        raise _Refused("dynamic shape", f"{iterator.var} runs to {iterator.dom.extent}")
    return extent


def _position(buffers: list[Any], buffer: Any) -> int:
    return next(p for p, each in enumerate(buffers) if each.same_as(buffer))


def _dtype(access: Any) -> str:
    buffer = access.buffer if isinstance(access, BufferStore) else access.source
    return str(buffer.dtype)
