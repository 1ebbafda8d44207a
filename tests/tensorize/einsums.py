"""Programs of one einsum that no workload has, and what a block of a program maps to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from heron_ms._tvm import IRModule, Schedule, te
from heron_ms.intrinsics import VNNI_S8, VNNI_U8, Intrinsic
from heron_ms.tensorize import Mapping, NoMatch, candidates
from heron_ms.workloads import Workload

VNNI = (VNNI_U8, VNNI_S8)
SIZE = 18
"""No multiple of the lanes or of the depth of an intrinsic."""

Value = Callable[..., Any]
"""The summand, given A, B, the reduction's iterator and those of C."""


def einsum(
    value: Value,
    a_shape: Sequence[Any] = (SIZE, SIZE),
    b_shape: Sequence[Any] = (SIZE, SIZE),
    c_shape: Sequence[Any] = (SIZE, SIZE),
    dtypes: tuple[str, str] = ("int8", "int8"),
) -> IRModule:
    """C[...] = sum over k < SIZE of ``value(a, b, k, ...)``."""
    a = te.placeholder(a_shape, dtypes[0], name="A")
    b = te.placeholder(b_shape, dtypes[1], name="B")
    k = te.reduce_axis((0, SIZE), "k")
    names = ["i", "j"][: len(c_shape)]
    c = te.compute(
        c_shape, lambda *at: te.sum(value(a, b, k, *at), axis=k), name="C", varargs_names=names
    )
    return IRModule({"main": te.create_prim_func([a, b, c])})


def times(a: Any, b: Any, dtype: str = "int32") -> Any:
    """The product in the type of the accumulator."""
    return a.astype(dtype) * b.astype(dtype)


def program(workload: Workload) -> IRModule:
    """The module of a workload."""
    return IRModule({"main": workload.prim_func()})


def offered(
    mod: IRModule, intrinsics: Iterable[Intrinsic] = VNNI, block: str = "C"
) -> list[Mapping] | NoMatch:
    """The candidates of a block."""
    sch = Schedule(mod)
    return candidates(sch.get(sch.get_sblock(block)), intrinsics)


def best(mod: IRModule, intrinsics: Iterable[Intrinsic] = VNNI) -> Mapping:
    """The best candidate; fails where there is none."""
    ranked = offered(mod, intrinsics)
    assert not isinstance(ranked, NoMatch), str(ranked)
    return ranked[0]


def taken(mapping: Mapping) -> list[tuple[str, ...]]:
    """The names of the iterators that each of the intrinsic's takes over, rows first."""
    return [_names(mapping, group) for group in mapping.groups.values()]


def outside(mapping: Mapping) -> tuple[str, ...]:
    """The names of the iterators left as loops."""
    return _names(mapping, mapping.outside())


def _names(mapping: Mapping, axes: Iterable[int]) -> tuple[str, ...]:
    return tuple(mapping.einsum.axes[p].name.removeprefix("v_") for p in axes)
