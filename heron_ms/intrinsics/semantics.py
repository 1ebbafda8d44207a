"""Reads an intrinsic's description back: which dot product it is, or why it is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import (
    Add,
    BufferStore,
    Cast,
    Mul,
    PrimFunc,
    SBlock,
    TensorLoad,
    Var,
    collect,
    constant,
    structural_equal,
)
from heron_ms.errors import IntrinsicError

_PARTS = {(True, False, True): "rows", (False, True, True): "lanes", (True, True, False): "depth"}


@dataclass(frozen=True)
class Semantics:
    """The dot product that a description computes; ``b_layout`` as `Intrinsic` has it."""

    a_dtype: str
    b_dtype: str
    c_dtype: str
    rows: int
    lanes: int
    depth: int
    b_layout: str


def read_semantics(description: PrimFunc) -> Semantics:
    """What a description of three buffers A, B and C computes.

    Raises IntrinsicError, with the reason, unless it is C[...] += cast(A[...]) * cast(B[...]) with
    at most one iterator of each kind: rows (of A and C), lanes (of B and C), depth (of A and B).
    """
    block = _update(description)
    accesses = _accesses(block.body, list(description.params))
    iterators = {_part(iterator, accesses): iterator for iterator in block.iter_vars}
    _demand(len(iterators) == len(block.iter_vars), "has several iterators of one kind")
    _demand("lanes" in iterators, "has no lanes, an iterator of B and C")
    layout = _layout(accesses[1], iterators)
    dtypes = (str(param.dtype) for param in description.params)
    extents = (_extent(iterators.get(part)) for part in ("rows", "lanes", "depth"))
    return Semantics(*dtypes, *extents, layout)  # type: ignore[call-arg, arg-type]


def _layout(b: list[Any], iterators: dict[str, Any]) -> str:
    """How the indices of B go."""
    if "depth" in iterators and len(b) == 3:
        _demand(not _uses(b[-1], iterators["lanes"]), "has no depth last in B")
        return "knk"
    return "kn" if "depth" in iterators and _uses(b[-1], iterators["lanes"]) else "nk"


def _update(description: PrimFunc) -> Any:
    blocks = collect(description.body, SBlock)
    _demand(len(description.params) == 3, "takes other arguments than A, B and C")
    _demand(len(blocks) == 2, "is not one block within a root block")
    _demand(isinstance(blocks[1].body, BufferStore), "is not a single store")
    return blocks[1]


def _accesses(store: Any, buffers: list[Any]) -> list[list[Any]]:
    """The indices of A, B and C."""
    factors = [_load(factor) for factor in _factors(store)]
    used = [*(factor.source for factor in factors), store.buffer]
    ordered = all(source.same_as(buffer) for source, buffer in zip(used, buffers, strict=True))
    _demand(ordered, "does not multiply its first argument by its second into its third")
    return [list(access.indices) for access in (*factors, store)]


def _factors(store: Any) -> tuple[Any, Any]:
    _demand(isinstance(store.value, Add), "is no sum C += A * B")
    old, product = store.value.a, store.value.b
    _demand(isinstance(product, Mul) and isinstance(old, TensorLoad), "is no sum C += A * B")
    same = old.source.same_as(store.buffer) and _equal(old.indices, store.indices)
    _demand(same, "does not add to the element of C that it stores")
    return product.a, product.b


def _load(factor: Any) -> Any:
    while isinstance(factor, Cast):
        factor = factor.value
    if not isinstance(factor, TensorLoad):
        raise IntrinsicError(f"its description multiplies {factor}, which is no element of A or B")
    return factor


def _part(iterator: Any, accesses: list[list[Any]]) -> str:
    vector = tuple(any(_uses(index, iterator) for index in access) for access in accesses)
    part = _PARTS.get((vector[0], vector[1], vector[2]))
    _demand(
        part is not None, f"has an iterator {iterator.var.name} of neither rows, lanes nor depth"
    )
    return str(part)


def _extent(iterator: Any) -> int:
    if iterator is None:
        return 1
    extent = constant(iterator.dom.extent)
    if extent is None:  # not by `_demand`: to print an expression takes longer than to read it
        at, end = iterator.var.name, iterator.dom.extent
        raise IntrinsicError(f"its description runs {at} to {end}, no constant")
    _demand(extent != 1, "iterates over an extent of one, which TVM never matches")
    return extent


def _uses(index: Any, iterator: Any) -> bool:
    if isinstance(index, Var):
        return bool(index.same_as(iterator.var))
    return any(var.same_as(iterator.var) for var in collect(index, Var))


def _equal(left: Iterable[Any], right: Iterable[Any]) -> bool:
    return all(structural_equal(a, b) for a, b in zip(left, right, strict=True))


def _demand(holds: bool, reason: str) -> None:
    if not holds:
        raise IntrinsicError(f"its description {reason}")
