"""OpenVINO: products and convolutions of bytes, of bfloat16 and of floats, with float32 results.

Operands of bytes go through quantisers that change no value of theirs, from which OpenVINO sees
that it may multiply bytes; float32 holds the sums exactly up to 2**24. Weights are constants, which
it lays out in advance, and data come and go with the channels last. The note of a kernel is the
primitive that OpenVINO says it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from heron_ms.hardware import host
from scripts.bench.peers.libraries.kernel import Array, Job, Kernel, Unsupported
from scripts.bench.peers.libraries.operands import (
    CONVOLUTIONS,
    PRODUCTS,
    as_program,
    channels_last,
    framework_weight,
    geometry,
    matrices,
)

RESULT = "float32"
_LEVELS = 256


def kernel(job: Job) -> Kernel:
    """Any product or convolution, grouped ones too.

    Raises ImportError if openvino is missing, `Unsupported` for other operators and types, and for
    bytes where its products saturate.
    """
    import openvino  # noqa: F401  (before anything is refused, so that its absence is said)

    if str(job.a.dtype) not in ("uint8", "int8", "float32", "bfloat16"):
        raise Unsupported(f"not compared for {job.a.dtype}")
    if job.integer and host().saturates:
        raise Unsupported("OpenVINO's products of bytes saturate on a CPU without VNNI")
    if job.operator == "bmm":
        return _product(job, job.a, job.b, is_constant=False)
    if job.operator in PRODUCTS:
        return _product(job, *matrices(job))
    if job.operator in CONVOLUTIONS:
        return _convolution(job)
    raise Unsupported(f"not compared for {job.operator}")


def _product(job: Job, left: Array, right: Array, *, is_constant: bool = True) -> Kernel:
    from openvino import opset13 as ops

    data = [left] if is_constant else [left, right]
    inputs = [_input(array) for array in data]
    weight = _constant(right) if is_constant else _value(inputs[1], right)
    result = ops.matmul(_value(inputs[0], left), weight, False, False)
    return _compiled(job, result, inputs, data, lambda c: c.reshape(job.expected.shape))


def _convolution(job: Job) -> Kernel:
    from openvino import opset13 as ops

    shape, data = geometry(job), np.ascontiguousarray(channels_last(job, job.a))
    where = shape.each(shape.stride), *[shape.each(shape.pad)] * 2, shape.each(shape.dil)
    weight, order = framework_weight(job), [0, job.a.ndim - 1, *range(1, job.a.ndim - 1)]
    convolve: Any = ops.convolution
    if shape.groups > 1:
        each = weight.shape[0] // shape.groups
        weight, convolve = weight.reshape(shape.groups, each, *weight.shape[1:]), _grouped
    given = _input(data)
    x = ops.transpose(_value(given, data), np.array(order))
    result = convolve(x, _constant(weight), *where)
    last = ops.transpose(result, np.array([0, *range(2, job.a.ndim), 1]))
    return _compiled(job, last, [given], [data], lambda c: as_program(job, c))


def _grouped(*given: Any) -> Any:
    from openvino import opset13 as ops

    return ops.group_convolution(*given)


def _input(array: Array) -> Any:
    from openvino import opset13 as ops

    dtype = "bf16" if str(array.dtype) == "bfloat16" else str(array.dtype)
    return ops.parameter(list(array.shape), _type(dtype))


def _type(dtype: str) -> Any:
    import openvino as ov

    return {
        "uint8": ov.Type.u8, "int8": ov.Type.i8, "float32": ov.Type.f32, "bf16": ov.Type.bf16
    }[dtype]  # fmt: skip


def _value(node: Any, array: Array) -> Any:
    """The float32 that an operand stands for, of bytes in a way that OpenVINO keeps as bytes."""
    from openvino import opset13 as ops

    if str(array.dtype) == "float32":
        return node
    wide = ops.convert(node, "f32")
    if not np.issubdtype(array.dtype, np.integer):
        return wide
    kind = np.iinfo(array.dtype)
    ends = [np.float32(kind.min), np.float32(kind.max)] * 2
    return ops.fake_quantize(wide, *ends, _LEVELS)


def _constant(array: Array) -> Any:
    from openvino import opset13 as ops

    if str(array.dtype) == "bfloat16":
        return ops.constant(array.astype(np.float32))
    if not np.issubdtype(array.dtype, np.integer):
        return ops.constant(np.ascontiguousarray(array))
    return _value(ops.constant(np.ascontiguousarray(array)), array)


def _compiled(
    job: Job,
    result: Any,
    inputs: list[Any],
    data: list[Array],
    arranged: Callable[[Array], Array],
) -> Kernel:
    import openvino as ov

    options = {
        "INFERENCE_NUM_THREADS": job.threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if str(job.a.dtype) == "bfloat16" else "f32",
    }
    compiled = ov.Core().compile_model(ov.Model([result], inputs), "CPU", options)
    request = compiled.create_infer_request()
    for place, array in enumerate(data):
        request.set_input_tensor(place, _tensor(array))

    def output() -> Array:
        request.infer()
        return arranged(np.array(request.get_output_tensor().data))

    return Kernel(request.infer, output, RESULT, note=_primitive(compiled))


def _tensor(array: Array) -> Any:
    import openvino as ov

    whole = np.ascontiguousarray(array)
    if str(whole.dtype) != "bfloat16":
        return ov.Tensor(whole)
    return ov.Tensor(whole.view(np.uint16), list(whole.shape), ov.Type.bf16)


def _primitive(compiled: Any) -> str:
    """What the operator became, as OpenVINO tells: such as "brgemm_avx512_amx_I8"."""
    kinds = ("FullyConnected", "MatMul", "Convolution")
    for node in compiled.get_runtime_model().get_ordered_ops():
        told = node.get_rt_info()
        if "layerType" in told and str(told["layerType"].astype(str)) in kinds:
            return str(told["primitiveType"].astype(str))
    return ""
