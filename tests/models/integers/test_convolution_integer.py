"""Convolutions of widened integers, whose zero point is known only at run time."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms._tvm import IRModule, relax
from heron_ms.models.integers import integers
from tests.models.integers.quantised import computed, mapped


def convolution(padding: int) -> IRModule:
    """``conv2d(int32(x) - zero, int32(w))``; x has 2 x 8 x 9 x 9 bytes, w 16 x 8 x 3 x 3."""
    builder, op = relax.BlockBuilder(), relax.op
    tensor = relax.TensorType
    x, zero = relax.Var("x", tensor((2, 8, 9, 9), "uint8")), relax.Var("zero", tensor((), "uint8"))
    weight = np.random.default_rng(0).integers(-127, 128, (16, 8, 3, 3)).astype("int8")
    with builder.function("main", [x, zero]):
        with builder.dataflow():
            offset = builder.emit(op.astype(zero, "int32"))
            data = builder.emit(op.subtract(builder.emit(op.astype(x, "int32")), offset))
            kernel = builder.emit(op.astype(relax.const(weight), "int32"))
            call = op.nn.conv2d(data, kernel, padding=padding, out_dtype="int32")
            out = builder.emit_output(builder.emit(call))
        builder.emit_func_output(out)
    return builder.get()


@pytest.mark.parametrize("padding", [0, 1])
def test_a_zero_point_of_run_time_is_a_border_too(padding: int) -> None:
    mod = convolution(padding)
    x = np.random.default_rng(1).integers(0, 256, (2, 8, 9, 9)).astype("uint8")
    zero = np.asarray(121, "uint8")
    rewritten = integers(mod)
    np.testing.assert_array_equal(computed(rewritten, x, zero), computed(mod, x, zero))
    assert len(mapped(rewritten)) == 1
