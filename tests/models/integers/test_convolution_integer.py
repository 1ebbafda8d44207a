"""Convolutions of widened integers, whose zero point is known only at run time."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms._tvm import IRModule, relax
from heron_ms.models.integers import integers
from tests.models.integers.quantised import computed, mapped

SHAPES = {"NCHW": ((2, 8, 9, 9), (16, 8, 3, 3)), "NHWC": ((2, 9, 9, 8), (3, 3, 8, 16))}
KERNELS = {"NCHW": "OIHW", "NHWC": "HWIO"}


def convolution(padding: int, layout: str, dtype: str = "int8") -> IRModule:
    """``conv2d(int32(x) - zero, int32(w) - 7)``; x has 8 channels of 9 x 9 bytes, w 16 of 3 x 3."""
    builder, op = relax.BlockBuilder(), relax.op
    tensor, (data_shape, shape) = relax.TensorType, SHAPES[layout]
    x, zero = relax.Var("x", tensor(data_shape, "uint8")), relax.Var("zero", tensor((), "uint8"))
    limits = np.iinfo(dtype)
    weight = np.random.default_rng(0).integers(limits.min, limits.max + 1, shape).astype(dtype)
    with builder.function("main", [x, zero]):
        with builder.dataflow():
            offset = builder.emit(op.astype(zero, "int32"))
            data = builder.emit(op.subtract(builder.emit(op.astype(x, "int32")), offset))
            wide = builder.emit(op.astype(relax.const(weight), "int32"))
            kernel = builder.emit(op.subtract(wide, relax.const(7, "int32")))
            call = op.nn.conv2d(
                data,
                kernel,
                padding=padding,
                data_layout=layout,
                kernel_layout=KERNELS[layout],
                out_dtype="int32",
            )
            out = builder.emit_output(builder.emit(call))
        builder.emit_func_output(out)
    return builder.get()


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("layout", SHAPES)
@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_a_zero_point_of_run_time_is_a_border_too(padding: int, layout: str, dtype: str) -> None:
    mod = convolution(padding, layout, dtype)
    x = np.random.default_rng(1).integers(0, 256, SHAPES[layout][0]).astype("uint8")
    zero = np.asarray(121, "uint8")
    rewritten = integers(mod)
    np.testing.assert_array_equal(computed(rewritten, x, zero), computed(mod, x, zero))
    assert len(mapped(rewritten)) == 1
