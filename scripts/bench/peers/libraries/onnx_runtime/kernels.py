"""ONNX Runtime: products and convolutions of bytes with 32-bit and with 8-bit results, and floats.

A constant weight is an initializer, which the runtime lays out in advance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms.hardware import host
from scripts.bench.peers.libraries.kernel import Array, Job, Kernel, Unsupported
from scripts.bench.peers.libraries.onnx_runtime.model import Model
from scripts.bench.peers.libraries.onnx_runtime.session import bound
from scripts.bench.peers.libraries.operands import (
    CONVOLUTIONS,
    PRODUCTS,
    as_program,
    channels_last,
    framework_weight,
    geometry,
    matrices,
)
from scripts.bench.peers.libraries.requantized import ZERO_POINT, Requantized

_ORDER = ("A", "a_scale", "a_zero", "B", "b_scale", "b_zero", "c_scale", "c_zero")
"""The inputs of ONNX's quantised operators."""


def kernel(job: Job) -> Kernel:
    """`MatMulInteger`, `ConvInteger` (int32 results), or `MatMul`, `Conv` in single precision.

    `ConvInteger` takes the data channels first. Raises ImportError if onnxruntime or onnx is
    missing, `Unsupported` for other operators and types.
    """
    _check_types(job)
    if job.operator == "bmm":
        return _product(job, {"A": job.a, "B": job.b}, {})
    if job.operator in PRODUCTS:
        left, right = matrices(job)
        return _product(job, {"A": left}, {"B": right})
    if job.operator in CONVOLUTIONS:
        return _convolution(job)
    raise Unsupported(f"ONNX has no operator for {job.operator} with 32-bit results")


def kernel_u8(job: Job) -> Kernel:
    """`QLinearMatMul` and, channels last, `QLinearConv`, with results requantised to uint8.

    Raises what `kernel` raises, and `Unsupported` for floats.
    """
    _check_types(job)
    if not job.integer:
        raise Unsupported("8-bit results are for 8-bit operands")
    if job.operator == "bmm":
        return _requantized(job, "QLinearMatMul", {"A": job.a, "B": job.b}, {})
    if job.operator in PRODUCTS:
        left, right = matrices(job)
        return _requantized(job, "QLinearMatMul", {"A": left}, {"B": right})
    if job.operator in CONVOLUTIONS:
        data, weight = {"A": channels_last(job, job.a)}, {"B": framework_weight(job)}
        return _requantized(job, "QLinearConv", data, weight, channels_last=1, **_attributes(job))
    raise Unsupported(f"ONNX Runtime has no quantised operator for {job.operator}")


def _check_types(job: Job) -> None:
    if str(job.a.dtype) not in ("uint8", "int8", "float32"):
        raise Unsupported(f"not compared for {job.a.dtype}")


def _check_exact(job: Job) -> None:
    """Without dot products of bytes it adds two products of u8 and s8 in 16 bits: too few."""
    if job.integer and job.b.dtype == np.int8 and host().saturates:
        raise Unsupported("ONNX Runtime's products of u8 and s8 saturate on a CPU without VNNI")


def _product(job: Job, data: dict[str, Array], constants: dict[str, Array]) -> Kernel:
    _check_exact(job)
    shape = _rows_by_columns(data, constants)
    name = "MatMulInteger" if job.integer else "MatMul"
    model = Model(name, data, constants, shape, _accumulator(job))
    return bound(model, job.threads, lambda c: c.reshape(job.expected.shape))


def _convolution(job: Job) -> Kernel:
    def first(array: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(channels_last(job, array), -1, 1))

    weight, zeros = framework_weight(job), {}
    if job.integer and weight.dtype == np.int8:
        # ONNX Runtime is four times as fast on unsigned weights with their zero point moved.
        weight = (weight.astype(np.int16) + ZERO_POINT).astype(np.uint8)
        zeros = {"a_zero": np.zeros((), job.a.dtype), "b_zero": np.array(ZERO_POINT, np.uint8)}
    name = "ConvInteger" if job.integer else "Conv"
    constants = {"B": weight, **zeros}
    shape = first(job.expected).shape
    data = {"A": first(job.a)}
    model = Model(name, data, constants, shape, _accumulator(job), _attributes(job))
    return bound(model, job.threads, lambda c: as_program(job, np.moveaxis(c, 1, -1)))


def _requantized(
    job: Job, name: str, data: dict[str, Array], weight: dict[str, Array], **attributes: Any
) -> Kernel:
    _check_exact(job)
    requantized = Requantized.of(job.expected)
    convolves = name == "QLinearConv"
    shape = channels_last(job, job.expected).shape if convolves else _rows_by_columns(data, weight)
    # The standard's own QLinearConv has no option for channels last.
    domain = "com.microsoft" if convolves else ""
    constants = {**weight, **_quantization(job, requantized)}
    model = Model(name, data, constants, shape, np.dtype(np.uint8), attributes, _ORDER, domain)

    def arranged(c: Array) -> Array:
        return as_program(job, c) if convolves else c.reshape(job.expected.shape)

    return bound(model, job.threads, arranged, requantized)


def _rows_by_columns(data: dict[str, Array], weight: dict[str, Array]) -> tuple[int, ...]:
    left, right = {**data, **weight}.values()
    return (*left.shape[:-1], right.shape[-1])


def _quantization(job: Job, requantized: Requantized) -> dict[str, Array]:
    one = np.array(1, np.float32)
    return {
        "a_scale": one,
        "a_zero": np.zeros((), job.a.dtype),
        "b_scale": one,
        "b_zero": np.zeros((), job.b.dtype),
        "c_scale": np.array(requantized.scale, np.float32),
        "c_zero": np.array(ZERO_POINT, np.uint8),
    }


def _accumulator(job: Job) -> Any:
    return np.dtype(np.int32 if job.integer else np.float32)


def _attributes(job: Job) -> dict[str, Any]:
    shape = geometry(job)
    return {
        "strides": shape.each(shape.stride),
        "pads": 2 * shape.each(shape.pad),
        "dilations": shape.each(shape.dil),
        "group": shape.groups,
    }
