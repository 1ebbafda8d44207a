"""Programs that do not admit a sketch of ours, or that stock's rules would get wrong."""

from __future__ import annotations

from typing import Any

import pytest
from tvm import te, tirx
from tvm.script import tirx as T

from heron_ms import generate_sketches
from heron_ms._tvm import IRModule, PrimFunc
from heron_ms.errors import DynamicShapeError

TARGET = {"kind": "llvm", "mcpu": "cascadelake", "num-cores": 1}
SIZE = 32


def product(a: Any, b: Any, name: str) -> Any:
    """a x b, accumulated in 32 bits."""
    k = te.reduce_axis((0, SIZE), "k")

    def dot(i: Any, j: Any) -> Any:
        return te.sum(a[i, k].astype("int32") * b[k, j].astype("int32"), axis=k)

    return te.compute((SIZE, SIZE), dot, name=name)


def operand(name: str, dtype: str) -> Any:
    """A square argument."""
    return te.placeholder((SIZE, SIZE), dtype, name=name)


def traces(func: PrimFunc) -> list[str]:
    """The sketches as text."""
    return [str(sketch.trace) for sketch in generate_sketches(IRModule({"main": func}), TARGET)]


def test_an_operand_with_a_second_reader_drops_the_sketches_that_would_stage_it() -> None:
    a, b, c = operand("A", "uint8"), operand("B", "int8"), operand("C", "int8")
    func = te.create_prim_func([a, b, c, product(a, b, "left"), product(a, c, "right")])
    sketches = traces(func)
    assert sketches
    assert all("vnni.u8s8s32" in sketch for sketch in sketches)


def test_one_operand_twice_falls_back_to_stock() -> None:
    a = operand("A", "int8")
    sketches = traces(te.create_prim_func([a, product(a, a, "C")]))
    assert sketches
    assert not any("vnni" in sketch for sketch in sketches)


def test_a_reduction_without_init_is_not_accumulated_in_a_fresh_buffer() -> None:
    @T.prim_func(s_tir=True)
    def accumulate(
        A: T.Buffer((SIZE, SIZE), "uint8"),
        B: T.Buffer((SIZE, SIZE), "int8"),
        C: T.Buffer((SIZE, SIZE), "int32"),
    ) -> None:
        for i, j, k in T.grid(SIZE, SIZE, SIZE):
            with T.sblock("C"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                C[vi, vj] = C[vi, vj] + T.cast(A[vi, vk], "int32") * T.cast(B[vk, vj], "int32")

    sketches = traces(accumulate)
    assert sketches
    assert not any("cache_write" in sketch for sketch in sketches)


def test_a_dynamic_shape_is_refused_by_name() -> None:
    rows = tirx.Var("rows", "int32")
    a = te.placeholder((rows, SIZE), "uint8", name="A")
    b = operand("B", "int8")
    k = te.reduce_axis((0, SIZE), "k")
    c = te.compute(
        (rows, SIZE),
        lambda i, j: te.sum(a[i, k].astype("int32") * b[k, j].astype("int32"), axis=k),
        name="C",
    )
    with pytest.raises(DynamicShapeError, match="rows"):
        generate_sketches(IRModule({"main": te.create_prim_func([a, b, c])}), TARGET)
