"""Operators of 16-bit floats that are computed in float32, and their results rounded once."""

from __future__ import annotations

from collections.abc import Callable

from heron_ms._tvm import HALVES
from heron_ms.models.onnx.writer import Writer


def in_float32(write: Writer) -> bool:
    """The node with all of its floats wider, and its results as narrow as before."""
    dtype = write.dtype()
    if dtype is None or dtype.name not in HALVES:
        return False
    wide = [
        write.cast(name, "float32") if write.facts.dtype(name) == dtype else name
        for name in write.node.input
    ]
    results = [f"{name}/float32" if name else "" for name in write.node.output]
    write.copy(wide, results)
    for narrow, result in zip(write.node.output, results, strict=True):
        if narrow:
            kind = write.facts.dtype(narrow)
            write.cast(result, dtype if kind is None else kind, out=narrow)
    return True


_ROUNDED_ONCE = (
    "Conv", "ConvTranspose", "Gemm", "Softmax", "LogSoftmax", "AveragePool", "GlobalAveragePool",
    "ReduceSum", "ReduceMean", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp",
    "ReduceSumSquare", "ReduceProd", "Mean", "Sum", "CumSum", "Elu", "Mish", "Softplus", "Celu",
    "LayerNormalization", "RMSNormalization", "InstanceNormalization", "GroupNormalization",
    "BatchNormalization", "LpNormalization", "LpPool", "LRN", "Gelu", "Selu",
)  # fmt: skip
"""Sums and functions of several steps, each of which would round; ONNX Runtime's are like this."""

_OF_FLOAT32 = (
    "Atan", "Mod", "Round", "ThresholdedRelu",
    "Acos", "Acosh", "Asin", "Asinh", "Cosh", "Sinh",
)  # fmt: skip
"""What TVM has no code for in 16 bits, on a CPU or for CUDA, or mixes up with float32."""


def _bfloat16_in_float32(write: Writer) -> bool:
    """The node with its floats wider where they are bfloat16."""
    dtype = write.dtype()
    return dtype is not None and dtype.name == "bfloat16" and in_float32(write)


_NO_BFLOAT16 = ("Max", "Min", "PRelu", "Hardmax")
"""What TVM's importer refuses of bfloat16, or has no code for."""

IN_FLOAT32: dict[str, Callable[[Writer], bool]] = {
    **dict.fromkeys(_ROUNDED_ONCE + _OF_FLOAT32, in_float32),
    **dict.fromkeys(_NO_BFLOAT16, _bfloat16_in_float32),
}
