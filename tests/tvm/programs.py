"""Small programs, and two intrinsics, on which the facts about TVM are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Schedule, T, Target, TensorIntrin, te
from heron_ms.hardware import host

HERE = Target(host().target(1))


def product(m: int = 8, n: int = 8, k: int = 8, is_swapped: bool = False) -> PrimFunc:
    """C = A x B^T of bytes and int32; the factors are exchanged where ``is_swapped``."""
    a, b = te.placeholder((m, k), "int8", "A"), te.placeholder((n, k), "int32", "B")
    r = te.reduce_axis((0, k), "k")

    def element(i: Any, j: Any) -> Any:
        left, right = a[i, r].astype("int32"), b[j, r]
        factors = (right, left) if is_swapped else (left, right)
        return te.sum(factors[0] * factors[1], axis=r)

    return te.create_prim_func([a, b, te.compute((m, n), element, "C")])


def chain(*steps: Callable[[Any], Any], size: int = 32) -> PrimFunc:
    """Vectors of float32, each made of the elements of the one before: X, S0, S1, ..."""
    first = last = te.placeholder((size,), "float32", "X")
    for number, step in enumerate(steps):
        last = _elementwise(last, step, f"S{number}")
    return te.create_prim_func([first, last])


def _elementwise(tensor: Any, step: Callable[[Any], Any], name: str) -> Any:
    return te.compute(tensor.shape, lambda i: step(tensor[i]), name)


def scheduled(func: PrimFunc) -> Schedule:
    """A schedule of one function."""
    return Schedule(IRModule({"main": func}))


def dot4() -> str:
    """An intrinsic of four products, its own description: registers it, and returns its name."""

    @T.prim_func(s_tir=True)
    def description(
        A: T.Buffer((4,), "int8", offset_factor=1),
        B: T.Buffer((4,), "int32", offset_factor=1),
        C: T.Buffer((1,), "int32", offset_factor=1),
    ) -> None:
        with T.sblock("root"):
            T.reads(C[0:1], A[0:4], B[0:4])
            T.writes(C[0:1])
            for k in range(4):
                with T.sblock("update"):
                    vk = T.axis.remap("R", [k])
                    C[0] = C[0] + T.cast(A[vk], "int32") * B[vk]

    TensorIntrin.register("test.tvm.dot4", description, description, override=True)
    return "test.tvm.dot4"


def copy4x4(strides: Sequence[int] | None) -> str:
    """An intrinsic that copies a tile of 16 elements in a row; its name.

    ``strides`` are what its implementation declares of the source.
    """

    @T.prim_func(s_tir=True)
    def description(
        A: T.Buffer((4, 4), "int32", offset_factor=1), B: T.Buffer((4, 4), "int32", offset_factor=1)
    ) -> None:
        with T.sblock("root"):
            T.reads(A[0:4, 0:4])
            T.writes(B[0:4, 0:4])
            for i, j in T.grid(4, 4):
                with T.sblock("copy"):
                    vi, vj = T.axis.remap("SS", [i, j])
                    B[vi, vj] = A[vi, vj]

    @T.prim_func(s_tir=True)
    def implementation(
        A: T.Buffer((4, 4), "int32", offset_factor=1, strides=strides),
        B: T.Buffer((4, 4), "int32", offset_factor=1, strides=[8, 1]),
    ) -> None:
        with T.sblock("root"):
            T.reads(A[0:4, 0:4])
            T.writes(B[0:4, 0:4])
            for i in range(4):
                B.vstore([i, 0], A.vload([0, i * 4], "int32x4"))

    TensorIntrin.register("test.tvm.copy4x4", description, implementation, override=True)
    return "test.tvm.copy4x4"
