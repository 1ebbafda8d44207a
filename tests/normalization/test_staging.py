"""Predicated factors in buffers of their own: plain einsums that compute the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from heron_ms._tvm import IRModule, SBlock, Schedule, collect, te, tirx
from heron_ms.normalization import stage_predicated
from heron_ms.tensorize.einsum import read_einsum
from tests.normalization.transposed_forms import FORMS, Transposed, compute, transposed

QUICK = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("form", ["predicated", "padded first"])
@settings(QUICK, max_examples=5)
@given(of=transposed())
def test_what_is_staged_is_a_plain_einsum(form: str, of: Transposed) -> None:
    after = stage_predicated(FORMS[form](of)["main"])
    (block,) = [block for block in collect(after.body, SBlock) if block.init is not None]
    read = [int(size) for size in read_einsum(block).a.buffer.shape]
    held = [axis.out + axis.kernel - 1 for axis in (of.h, of.w)]
    if form == "predicated" or of.h.stride * of.w.stride > 1:
        assert read == [of.n, *held, of.ci]
    a, b = of.arrays(np.random.default_rng(0))
    mod = IRModule({"main": after})
    Schedule(mod, debug_mask="all")  # checks block bindings and regions
    np.testing.assert_array_equal(compute(mod, form, of, a, b), of.reference(a, b))


def _program(factor: Callable[..., Any]) -> Any:
    """C[i] = sum over k of ``factor(A, i, k)`` times B[k]."""
    a = te.placeholder((40,), "int8", name="A")
    b = te.placeholder((4,), "int8", name="B")
    k = te.reduce_axis((0, 4), "k")

    def dot(i: Any) -> Any:
        return te.sum(factor(a, i, k).astype("int32") * b[k].astype("int32"), axis=k)

    return te.create_prim_func([a, b, te.compute((6,), dot, name="C")])


ZERO = tirx.const(0, "int8")
STAGED = {
    "a window": (lambda a, i, k: tirx.if_then_else(i + k > 2, a[i + k], ZERO), [9]),
    "a strided one": (lambda a, i, k: tirx.if_then_else(i * 2 + k > 2, a[i * 2 + k], ZERO), [14]),
    "backwards": (lambda a, i, k: tirx.if_then_else(9 - i - k > 3, a[9 - i - k], ZERO), [9]),
    "twice the place": (
        lambda a, i, k: tirx.if_then_else(i + k > 2, a[(i + k) * 2 + 1], ZERO),
        [9],
    ),
    "conditions in conditions": (
        lambda a, i, k: tirx.if_then_else(
            i > 2, tirx.if_then_else(k < 3, a[i * 4 + k], ZERO), ZERO
        ),
        None,
    ),
    "a triangle": (lambda a, i, k: tirx.if_then_else(k <= i, a[i + k], ZERO), None),
    "gaps": (lambda a, i, k: tirx.if_then_else(i * 5 + k > 2, a[i * 5 + k], ZERO), None),
    "ones": (lambda a, i, k: tirx.if_then_else(i + k > 2, a[i + k], tirx.const(1, "int8")), None),
    "a loaded condition": (
        lambda a, i, k: tirx.if_then_else(a[i + k] > 2, a[i + k], ZERO),
        None,
    ),
}


@pytest.mark.parametrize("name", STAGED)
def test_the_dimensions_are_the_sums(name: str) -> None:
    factor, shape = STAGED[name]
    before = _program(factor)
    after = stage_predicated(before)
    assert after.same_as(before) == (shape is None)
    if shape is not None:
        (buffer,) = after.body.block.alloc_buffers
        assert [int(size) for size in buffer.shape] == shape
        assert stage_predicated(after).same_as(after)
        _check(before, after)


def _check(before: Any, after: Any) -> None:
    import tvm

    rng, results = np.random.default_rng(0), []
    arrays = [rng.integers(-9, 9, size, dtype=np.int8) for size in (40, 4)]
    for func in (before, after):
        c = tvm.runtime.tensor(np.full(6, -7, np.int32))
        tvm.compile(func, target="llvm")(*map(tvm.runtime.tensor, arrays), c)
        results.append(c.numpy())
    np.testing.assert_array_equal(results[1], results[0])
