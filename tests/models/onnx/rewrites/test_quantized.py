"""Every quantised operator that TVM's importer lacks, beside ONNX Runtime's own integer kernel.

Ours computes in float32 and rounds once, ONNX Runtime in int32 with a scale that it rounds too, so
a value that lies half way between two steps may come out one step off, in either direction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from heron_ms.hardware import host
from tests.models.onnx.compared import both
from tests.models.onnx.models import model

RNG = np.random.default_rng(0)
# With more bits ONNX Runtime's own products saturate.
LIMIT = 64 if host().saturates else 128
BIAS = RNG.integers(-999, 999, 8).astype("int32")
SCALES = (RNG.random(8) * 0.01 + 0.001).astype("float32")
CONSTANTS: dict[str, Any] = {
    "xs": np.float32(0.02), "xz": np.uint8(120), "ws": np.float32(0.01), "wz": np.int8(0),
    "ys": np.float32(0.05), "yz": np.uint8(100), "unit": np.float32(1 / 256), "zero": np.uint8(0),
    "scales": SCALES, "zeros": np.zeros(8, "int8"), "bias": BIAS,
    "conv": RNG.integers(-LIMIT, LIMIT, (8, 4, 3, 3)).astype("int8"),
    "kn": RNG.integers(-LIMIT, LIMIT, (16, 8)).astype("int8"),
    "nk": RNG.integers(-LIMIT, LIMIT, (8, 16)).astype("int8"),
}  # fmt: skip
IMAGE, ROWS = (1, 4, 9, 8), (3, 5, 16)
MICROSOFT = "com.microsoft"


def one(
    op: str, operands: str, shape: tuple[int, ...], dtype: str = "uint8", **options: Any
) -> Any:
    """A model of one operator on x and, where it takes it, a second input v of the same shape."""
    domain = "" if op in ("QLinearConv", "QLinearMatMul") else MICROSOFT
    names = operands.split()
    node = helper.make_node(op, names, ["y"], "node", domain=domain, **options)
    inputs = {name: ("uint8", shape) for name in "xv" if name in names}
    used = {name: value for name, value in CONSTANTS.items() if name in names}
    domains = (domain,) if domain else ()
    return model([node], inputs, {"y": (dtype, len(shape))}, used, domains=domains)


CASES = {
    "conv": one("QLinearConv", "x xs xz conv scales zeros ys yz bias", IMAGE, pads=[1] * 4,
                strides=[2, 2]),
    "conv without bias": one("QLinearConv", "x xs xz conv ws wz ys yz", IMAGE),
    "matmul": one("QLinearMatMul", "x xs xz kn ws wz ys yz", ROWS),
    "matmul by columns": one("QLinearMatMul", "x xs xz kn scales zeros ys yz", ROWS),
    "gemm": one("QGemm", "x xs xz nk ws wz bias ys yz", ROWS[1:], transB=1, alpha=0.5),
    "gemm by columns": one("QGemm", "x xs xz kn scales zeros bias ys yz", ROWS[1:]),
    "gemm to float": one("QGemm", "x xs xz nk ws wz bias", ROWS[1:], "float32", transB=1),
    "add": one("QLinearAdd", "x xs xz v ws zero ys yz", ROWS),
    "mul": one("QLinearMul", "x xs xz v ws zero ys yz", ROWS),
    "concat": one("QLinearConcat", "ys yz x xs xz v ws zero", ROWS, axis=1),
    "global pool": one("QLinearGlobalAveragePool", "x xs xz ys yz", IMAGE, channels_last=0),
    "global pool, channels last": one("QLinearGlobalAveragePool", "x xs xz ys yz", IMAGE,
                                      channels_last=1),
    "pool": one("QLinearAveragePool", "x xs xz ys yz", IMAGE, kernel_shape=[3, 3], pads=[1] * 4,
                strides=[2, 2]),
    "pool, channels last": one("QLinearAveragePool", "x xs xz ys yz", IMAGE, kernel_shape=[2, 2],
                               channels_last=1),
    "leaky relu": one("QLinearLeakyRelu", "x xs xz ys yz", IMAGE, alpha=0.1),
    "sigmoid": one("QLinearSigmoid", "x xs xz unit zero", IMAGE),
    "softmax": one("QLinearSoftmax", "x xs xz unit zero", ROWS, axis=-1, opset=17),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_quantised_operator(case: str) -> None:
    ((ours, right),) = both(CASES[case])
    assert ours.dtype == right.dtype
    assert ours.shape == right.shape
    assert len(np.unique(right)) > 1
    if right.dtype == np.float32:
        np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-5 * np.abs(right).max())
        return
    off = np.abs(ours.astype("int32") - right.astype("int32"))
    assert off.max() <= 1
    assert np.mean(off > 0) < 0.05
