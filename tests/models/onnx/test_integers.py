"""Products of integers are ONNX Runtime's, bit for bit, and multiply bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper
from tvm import relax
from tvm.ir import Op

from heron_ms._tvm import collect
from heron_ms.hardware import host
from heron_ms.models.load import load
from tests.models.onnx.compared import both
from tests.models.onnx.models import model

RNG = np.random.default_rng(0)
LIMIT = 64 if host().saturates else 128
SIGNED = RNG.integers(-LIMIT, LIMIT, (16, 8)).astype("int8")
UNSIGNED = RNG.integers(0, 256, (16, 8)).astype("uint8")
FILTERS = RNG.integers(-LIMIT, LIMIT, (8, 4, 3, 3)).astype("int8")
GROUPED = RNG.integers(0, 256, (8, 2, 3, 3)).astype("uint8")


def product(
    op: str, shape: tuple[int, ...], weight: Any, zeros: dict[str, Any], **more: Any
) -> Any:
    """A product of x and a constant; a zero point that is None is an input, one left out is 0."""
    names = ["x", "w", *(name if name in zeros else "" for name in ("xz", "wz"))]
    node = helper.make_node(op, names, ["y"], "node", **more)
    inputs = {"x": ("uint8", shape)}
    inputs |= {name: ("uint8", ()) for name, value in zeros.items() if value is None}
    constants = {name: value for name, value in zeros.items() if value is not None}
    return model([node], inputs, {"y": ("int32", len(shape))}, {"w": weight, **constants})


ZERO, ROWS, IMAGE = np.uint8(120), (2, 5, 16), (1, 4, 9, 8)
PADDED = {"pads": [1] * 4, "strides": [2, 2]}
CASES = {
    "matmul": product("MatMulInteger", ROWS, SIGNED, {}),
    "matmul, zero": product("MatMulInteger", ROWS, SIGNED, {"xz": ZERO}),
    "matmul, a zero known at run time": product("MatMulInteger", ROWS, SIGNED, {"xz": None}),
    "matmul, a list of one zero": product("MatMulInteger", ROWS, SIGNED, {"xz": ZERO[None]}),
    "matmul, a zero for each column": product(
        "MatMulInteger", ROWS, UNSIGNED, {"xz": None, "wz": UNSIGNED[0]}
    ),
    "conv": product("ConvInteger", IMAGE, FILTERS, {}),
    "conv, zero and padding": product("ConvInteger", IMAGE, FILTERS, {"xz": ZERO}, **PADDED),
    "conv, a zero known at run time": product(
        "ConvInteger", IMAGE, FILTERS, {"xz": None}, **PADDED
    ),
    "conv, groups and both zeros": product(
        "ConvInteger", IMAGE, GROUPED, {"xz": ZERO, "wz": np.uint8(130)}, group=2
    ),
    "conv, padded to the same": product(
        "ConvInteger", IMAGE, FILTERS, {"xz": ZERO}, auto_pad="SAME_LOWER", strides=[2, 2]
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_product_of_integers(case: str) -> None:
    ((ours, right),) = both(CASES[case])
    np.testing.assert_array_equal(ours, right)


@pytest.mark.parametrize("case", [name for name in CASES if "both" not in name])
def test_it_multiplies_bytes(case: str) -> None:
    calls = collect(load(CASES[case]).mod["main"], relax.Call)
    products = [
        call for call in calls if call.op in map(Op.get, ("relax.matmul", "relax.nn.conv2d"))
    ]
    of_x = [call for call in products if not hasattr(call.args[0], "value")]
    assert [[str(a.ty.dtype) for a in call.args] for call in of_x] == [["uint8", "int8"]]


def test_dynamic_quantisation() -> None:
    node = helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"])
    outputs = {"q": ("uint8", 2), "s": ("float32", 0), "z": ("uint8", 0)}
    quantised, scale, zero = both(model([node], {"x": ("float32", (5, 16))}, outputs))
    np.testing.assert_allclose(*scale, rtol=1e-6)
    np.testing.assert_array_equal(*zero)
    assert np.abs(quantised[0].astype("int32") - quantised[1]).max() <= 1
