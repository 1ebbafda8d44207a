"""What Relax fuses behind a product is computed in its kernel, and exact."""

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import heron_ms
from heron_ms._tvm import IRModule, Target, relax, tensors_of
from heron_ms.constraints import constrain
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.emulation.emulate import MODES, Emulated
from heron_ms.measure.tensorcore.lowering import Lowered, lower
from heron_ms.models.passes import prepared
from heron_ms.models.tasks import functions_of
from heron_ms.sketch import Sketch

A100 = only(TensorCore, machine("a100"), "GPU")
op = relax.op

Arrays = dict[str, NDArray[Any]]
Emit = Callable[..., Any]


def _bias(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    return emit(op.add(y, given["bias"]))


def _relu(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    return emit(op.nn.relu(_bias(emit, y, given)))


def _gelu(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    return emit(op.nn.gelu(_bias(emit, y, given)))


def _residual(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    return emit(op.add(_bias(emit, y, given), given["residual"]))


def _all(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    """The product of halves in float32, and half as it is written."""
    narrow = emit(op.astype(_relu(emit, y, given), "float16"))
    return emit(op.add(narrow, given["residual"]))


def _power(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    square = op.power(given["residual"], relax.const(np.float16(2)))
    return emit(op.add(_bias(emit, y, given), emit(square)))


def _gelu_of(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(0.5 * x * (1 + np.vectorize(erf)(x / np.sqrt(2))))


EPILOGUES: dict[str, tuple[Any, str, Callable[[NDArray[Any], Arrays], NDArray[Any]]]] = {
    "bias": (_bias, "float16", lambda y, of: y + of["bias"]),
    "relu": (_relu, "float16", lambda y, of: np.maximum(y + of["bias"], 0)),
    "gelu": (_gelu, "float32", lambda y, of: _gelu_of(y + of["bias"])),
    "gelu of halves": (_gelu, "float16", lambda y, of: _gelu_of(y + of["bias"])),
    "residual": (_residual, "float16", lambda y, of: y + of["bias"] + of["residual"]),
    "power": (_power, "float16", lambda y, of: y + of["bias"] + of["residual"] ** 2),
    "cast": (_all, "float32", lambda y, of: np.maximum(y + of["bias"], 0) + of["residual"]),
}


def _function(body: Any, dtype: str, sizes: tuple[int, int, int], halves: str = "float16") -> Any:
    """The one function of a product with what follows it, legalised and fused."""
    m, n, k = sizes
    shapes = {"a": (m, k), "b": (k, n), "bias": (n,), "residual": (m, n)}
    kinds = {"bias": dtype}
    given = {
        name: relax.Var(name, relax.TensorType(shape, kinds.get(name, halves)))
        for name, shape in shapes.items()
    }
    builder = relax.BlockBuilder()
    with builder.function("main", list(given.values())):
        with builder.dataflow():
            y = builder.emit(op.matmul(given["a"], given["b"], out_dtype=dtype))
            out = builder.emit_output(body(builder.emit, y, given))
        builder.emit_func_output(out)
    [(_, func)] = functions_of(prepared(builder.get(), None, False))
    return func


@pytest.mark.parametrize("sizes", [(32, 64, 64), (17, 50, 40)], ids=["whole", "cropped"])
@pytest.mark.parametrize("name", EPILOGUES)
def test_an_epilogue_is_in_the_kernel(
    name: str, sizes: tuple[int, int, int], rng: np.random.Generator
) -> None:
    body, dtype, _ = EPILOGUES[name]
    func = _function(body, dtype, sizes)
    from_lanes, through_shared, *_ = heron_ms.generate_sketches(
        IRModule({"main": func}), Target(A100.target())
    )
    for made in (from_lanes, through_shared):
        program = _lowered(made, rng)
        assert len(program.kernels) == 1
        _check(program, func, name, rng)


@pytest.mark.parametrize("name", EPILOGUES)
def test_an_epilogue_is_in_the_kernel_that_adds_up_parts(
    name: str, rng: np.random.Generator
) -> None:
    body, dtype, _ = EPILOGUES[name]
    func = _function(body, dtype, (17, 50, 512))
    *_, made = heron_ms.generate_sketches(IRModule({"main": func}), Target(A100.target()))
    program = _lowered(made, rng)
    assert len(program.kernels) == 2
    _check(program, func, name, rng)


def _all_of_bfloat16(emit: Emit, y: Any, given: dict[str, Any]) -> Any:
    """Everything after the product, rounded step by step."""
    narrow = emit(op.astype(y, "bfloat16"))
    summed = emit(op.subtract(emit(op.multiply(narrow, given["residual"])), given["residual"]))
    clipped = emit(op.maximum(emit(op.negative(summed)), given["residual"]))
    return emit(op.nn.relu(emit(op.add(clipped, emit(op.astype(given["bias"], "bfloat16"))))))


def test_bfloat16_is_rounded_after_each_step(rng: np.random.Generator) -> None:
    func = _function(_all_of_bfloat16, "float32", (17, 50, 40), "bfloat16")
    from_lanes, through_shared, *_ = heron_ms.generate_sketches(
        IRModule({"main": func}), Target(A100.target())
    )
    *inputs, output = tensors_of(func)
    arrays = {str(one.name): _integers(one, rng) for one in inputs}
    narrow = (arrays["a"].astype(float) @ arrays["b"].astype(float)).astype(str(output.dtype))
    clipped = np.maximum(-(narrow * arrays["residual"] - arrays["residual"]), arrays["residual"])
    right = np.maximum(clipped + arrays["bias"].astype(str(output.dtype)), np.zeros_like(clipped))
    for made in (from_lanes, through_shared):
        emulated = Emulated(_lowered(made, rng), [*arrays, str(output.name)])
        *_, got = emulated([*arrays.values(), np.zeros_like(right)], MODES[0])[0]
        np.testing.assert_array_equal(got.astype(float), right.astype(float))


def _integers(tensor: Any, rng: np.random.Generator) -> NDArray[Any]:
    """Small ones, for an argument of a function."""
    return rng.integers(-3, 4, [int(size) for size in tensor.shape]).astype(str(tensor.dtype))


def _lowered(made: Sketch, rng: np.random.Generator) -> Lowered:
    """A random program of a sketch."""
    sketch = constrain(made, A100)
    [assignment] = sketch.problem.sample(1, rng)
    return lower(sketch.materialize(assignment).mod, A100)


def _check(program: Lowered, func: Any, name: str, rng: np.random.Generator) -> None:
    """Whether a program computes a product with the epilogue of a name, with copies in each mode.

    On small integers, of which the sums that come up are exact in float16 too.
    """
    _, _, right_of = EPILOGUES[name]
    *inputs, output = tensors_of(func)
    arrays = {str(one.name): _integers(one, rng) for one in inputs}
    right = right_of(arrays["a"].astype(float) @ arrays["b"].astype(float), arrays)
    unwritten = np.full(right.shape, np.nan, str(output.dtype))
    emulated = Emulated(program, [*arrays, str(output.name)])
    for mode in MODES:
        *_, got = emulated([*arrays.values(), unwritten], mode)[0]
        if "gelu" in name:
            np.testing.assert_allclose(got, right, rtol=2e-3, atol=2e-3)
        else:
            np.testing.assert_array_equal(got, right)
