"""Why a block maps to nothing: the kind, and the line that a user reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from heron_ms._tvm import IRModule, SBlockRealize, T, outermost, te, tirx
from heron_ms.intrinsics import INTRINSICS, SDOT, Intrinsic
from heron_ms.tensorize import NoMatch, Reason, match_block
from heron_ms.workloads import Depthwise2d, Gemm
from tests.tensorize.einsums import SIZE, VNNI, einsum, offered, program, times


def _refused(mod: IRModule, intrinsics: Iterable[Intrinsic] = VNNI) -> NoMatch:
    refusal = offered(mod, intrinsics)
    assert isinstance(refusal, NoMatch), "it maps"
    assert str(refusal) == f"block C: {refusal.reason.value} ({refusal.detail})"
    assert "\n" not in str(refusal)
    return refusal


def _gram() -> IRModule:
    a = te.placeholder((SIZE, SIZE), "int8", name="A")
    k = te.reduce_axis((0, SIZE), "k")
    dot: Callable[..., Any] = lambda i, j: te.sum(times(a[i, k], a[j, k]), axis=k)  # noqa: E731
    return IRModule({"main": te.create_prim_func([a, te.compute((SIZE, SIZE), dot, name="C")])})


def _maximum() -> IRModule:
    a = te.placeholder((SIZE, SIZE), "int32", name="A")
    k = te.reduce_axis((0, SIZE), "k")
    c = te.compute((SIZE,), lambda i: te.max(a[i, k], axis=k), name="C")
    return IRModule({"main": te.create_prim_func([a, c])})


def _looked_up() -> IRModule:
    a, b = (te.placeholder((SIZE, SIZE), "int8", name=name) for name in "AB")
    rows = te.placeholder((SIZE,), "int32", name="rows")
    k = te.reduce_axis((0, SIZE), "k")
    c = te.compute(
        (SIZE, SIZE), lambda i, j: te.sum(times(a[rows[i], k], b[k, j]), axis=k), name="C"
    )
    return IRModule({"main": te.create_prim_func([a, b, rows, c])})


def _dynamic() -> IRModule:
    rows = tirx.Var("rows", "int32")
    shape = (rows, SIZE)
    return einsum(lambda a, b, k, i, j: times(a[i, k], b[k, j]), a_shape=shape, c_shape=shape)


REFUSED = {
    (Reason.DTYPE, "float32 x float32 -> float32"): einsum(
        lambda a, b, k, i, j: a[i, k] * b[k, j], dtypes=("float32", "float32")
    ),
    (Reason.DTYPE, "uint8 x uint8"): einsum(
        lambda a, b, k, i, j: times(a[i, k], b[k, j]), dtypes=("uint8", "uint8")
    ),
    (Reason.NO_EINSUM, "the summand is no product"): einsum(
        lambda a, b, k, i, j: a[i, k].astype("int32")
    ),
    (Reason.NO_EINSUM, "is no plain load"): einsum(
        lambda a, b, k, i, j: times(a[i, k] + a[i, k], b[k, j])
    ),
    (Reason.NO_EINSUM, 'the operand T.Cast("uint8", A[v_i, v_k])'): einsum(
        lambda a, b, k, i, j: times(a[i, k].astype("uint8"), b[k, j])
    ),
    (Reason.NO_EINSUM, "the reduction is no sum"): _maximum(),
    (Reason.DYNAMIC, "v_i runs to rows"): _dynamic(),
    (Reason.ACCESS, "both factors are read from A"): _gram(),
    (Reason.ACCESS, "A is read at indices that are loaded"): _looked_up(),
    (Reason.WASTE, "would multiply 7.1 times"): einsum(
        lambda a, b, k, i, j: times(a[i, i], b[k, j])
    ),
}


@pytest.mark.parametrize(("reason", "detail"), REFUSED, ids=lambda value: str(value))
def test_the_reason(reason: Reason, detail: str) -> None:
    refused = _refused(REFUSED[reason, detail])
    assert refused.reason is reason
    assert detail in refused.detail


def test_a_copy_is_no_einsum() -> None:
    a = te.placeholder((SIZE,), "int8", name="A")
    c = te.compute((SIZE,), lambda i: a[i], name="C")
    refused = _refused(IRModule({"main": te.create_prim_func([a, c])}))
    assert refused.detail == "no reduction that starts from an initial value"


def test_no_intrinsic_no_match() -> None:
    assert _refused(program(Gemm(16, 16, 16)), []).reason is Reason.DTYPE


@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
@pytest.mark.parametrize("intrinsic", [*VNNI, SDOT], ids=lambda intrinsic: intrinsic.name)
def test_a_depthwise_convolution_would_waste_more_than_is_gained(
    layout: str, intrinsic: Intrinsic
) -> None:
    workload = Depthwise2d(1, 56, 56, 64, 3, 3, 1, 1, 1, layout=layout, a_dtype=intrinsic.a_dtype)
    refused = _refused(program(workload), [intrinsic])
    assert refused.reason is Reason.WASTE
    assert intrinsic.name in refused.detail


def test_a_predicate_is_no_einsum() -> None:
    @T.prim_func(s_tir=True)
    def triangular(
        A: T.Buffer((SIZE, SIZE), "uint8"),
        B: T.Buffer((SIZE, SIZE), "int8"),
        C: T.Buffer((SIZE, SIZE), "int32"),
    ) -> None:
        for i, j, k in T.grid(SIZE, SIZE, SIZE):
            with T.sblock("C"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                T.where(k <= j)
                with T.init():
                    C[vi, vj] = 0
                C[vi, vj] = C[vi, vj] + T.cast(A[vi, vk], "int32") * T.cast(B[vk, vj], "int32")

    (realize,) = outermost(triangular.body.block.body, SBlockRealize)
    refused = match_block(realize, INTRINSICS.values())
    assert isinstance(refused, NoMatch)
    assert (refused.reason, refused.detail) == (Reason.NO_EINSUM, "it runs only where k <= j")
