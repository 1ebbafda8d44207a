"""What is no function of blocks is refused, by an error that names it."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms._tvm import IRModule, T, te, tirx
from heron_ms.errors import DynamicShapeError, HeronError
from heron_ms.flextensor import FlexTensorError, analyze
from heron_ms.workloads import Gemm


def dynamic() -> Any:
    """An addition of unknown length."""
    n = tirx.Var("n", "int64")
    a = te.placeholder((n,), name="A")
    return te.create_prim_func([a, te.compute((n,), lambda i: a[i] + 1.0, name="B")])


def test_a_dynamic_extent_is_refused_by_name() -> None:
    with pytest.raises(DynamicShapeError, match=r"loop i of block B runs n times"):
        analyze(dynamic())


@T.prim_func(s_tir=True)
def bare(a: T.Buffer((8,), "float32")) -> None:
    """A store outside of any block."""
    for i in range(8):
        a[i] = T.float32(0)


def test_what_is_no_function_of_blocks_is_refused() -> None:
    gemm: Any = Gemm.of((4, 6, 8), "f32")
    with pytest.raises(FlexTensorError, match="cannot analyze a Gemm"):
        analyze(gemm)
    with pytest.raises(FlexTensorError, match="outside of any block"):
        analyze(bare)
    with pytest.raises(FlexTensorError, match="it has none"):
        analyze(IRModule({}))
    func = gemm.prim_func()
    with pytest.raises(FlexTensorError, match="it has first, second"):
        analyze(IRModule({"first": func, "second": func}))
    with pytest.raises(FlexTensorError, match="no node 'D': choose from C"):
        analyze(func).node("D")


def test_the_errors_are_of_the_package() -> None:
    assert issubclass(FlexTensorError, HeronError) and issubclass(FlexTensorError, ValueError)
