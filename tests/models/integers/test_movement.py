"""Operators that only move or choose elements read and write 8 bits, equal to ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, relax
from heron_ms.models.integers import integers
from tests.models.integers.quantised import (
    Comparison,
    computed,
    network,
    node,
    statically,
    tasks,
    weights,
)

SHAPE = (1, 8, 6, 6)


CONSTANTS = {
    "none": np.asarray([], "float32"),
    "twice": np.asarray([1, 1, 2, 2], "float32"),
    "first": np.asarray([0, 2, 1], "int64"),
    "begin": np.asarray([1, 2], "int64"),
    "end": np.asarray([5, 6], "int64"),
    "axes": np.asarray([2, 3], "int64"),
}
MOVEMENTS: dict[str, list[Any]] = {
    "slice": [node("Slice", "c begin end axes", "f")],
    "gather": [node("Gather", "c first", "f", axis=2)],
    "resize": [node("Resize", "c none twice", "f", mode="nearest")],
    "split": [node("Split", "c", "a b", axis=1), node("Concat", "b a", "f", axis=1)],
    "pool": [node("MaxPool", "c", "f", kernel_shape=[2, 2])],
    "transpose": [node("Transpose", "c", "f", perm=[0, 1, 3, 2])],
}


@pytest.mark.parametrize("name", MOVEMENTS)
def test_a_movement_between_products_moves_bytes(name: str) -> None:
    nodes = [node("Conv", "x w", "c"), *MOVEMENTS[name], node("Conv", "f v", "y")]
    used = {given for made in nodes for given in made.input}
    constants = {key: value for key, value in CONSTANTS.items() if key in used}
    arrays = weights(w=(8, 8, 1, 1), v=(8, 8, 1, 1)) | constants
    comparison = Comparison(statically(network(nodes, arrays, SHAPE)))
    assert comparison.steps.max() <= 1
    assert (comparison.steps > 0).mean() <= 0.01
    _writes_bytes_but_at_the_end(comparison.mod)


def _writes_bytes_but_at_the_end(mod: IRModule) -> None:
    # The model's output is in its own layout again.
    functions = [f for name, f in tasks(mod).items() if not name.startswith("transpose")]
    writes = [str(function.params[-1].ty.dtype) for function in functions]
    assert sum("float32" in dtype for dtype in writes) <= 1, writes


def between(step: Any, dtype: str, zero: int) -> IRModule:
    """What a step makes of dequantised bytes (2, 3, 4, 5), quantised as they were."""
    builder, op, scale = relax.BlockBuilder(), relax.op, relax.const(np.float32(0.1))
    x, offset = relax.Var("x", relax.TensorType((2, 3, 4, 5), dtype)), relax.const(zero, dtype)
    with builder.function("main", [x]):
        with builder.dataflow():
            value = builder.emit(step(builder, builder.emit(op.dequantize(x, scale, offset, 0))))
            out = builder.emit_output(op.quantize(value, scale, offset, 0, dtype))
        builder.emit_func_output(out)
    return builder.get()


def second_part(builder: Any, value: Any) -> Any:
    return relax.TupleGetItem(builder.emit(relax.op.split(value, [1, 3], axis=2)), 1)


STEPS = {
    "pad": lambda _, value: relax.op.nn.pad(value, [0, 0, 0, 0, 1, 2, 0, 3]),
    "pad by reflection": lambda _, value: relax.op.nn.pad(
        value, [0, 0, 0, 0, 1, 2, 0, 3], "reflect"
    ),
    "flip": lambda _, value: relax.op.flip(value, 3),
    "repeat": lambda _, value: relax.op.repeat(value, 3, 1),
    "tile": lambda _, value: relax.op.tile(value, [1, 1, 2, 1]),
    "split": second_part,
}


@pytest.mark.parametrize(("dtype", "zero"), [("uint8", 121), ("int8", -3)])
@pytest.mark.parametrize("name", STEPS)
def test_a_movement_of_bytes_has_no_floats(name: str, dtype: str, zero: int) -> None:
    mod = between(STEPS[name], dtype, zero)
    rewritten = integers(mod)
    limits = np.iinfo(dtype)
    x = np.random.default_rng(0).integers(limits.min, limits.max + 1, (2, 3, 4, 5)).astype(dtype)
    np.testing.assert_array_equal(computed(rewritten, x), computed(mod, x))
    assert "float32" not in str(rewritten["main"])


def test_a_pad_by_something_else_stays() -> None:
    twos = [0, 0, 0, 0, 0, 0, 1, 1]
    mod = between(lambda _, value: relax.op.nn.pad(value, twos, pad_value=2.0), "int8", 3)
    assert "float32" in str(integers(mod)["main"])
