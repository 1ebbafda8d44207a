"""The peers of a u8 x s8 GEMM, called from Python: ONNX Runtime and oneDNN (through PyTorch).

Both get the weight as a constant and lay it out in advance, and both run on the calling thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Kernel:
    """A matrix product ready to run: ``run`` computes it, ``output`` runs it and returns C."""

    run: Callable[[], object]
    output: Callable[[], Array]


def onnxruntime_kernel(a: Array, b: Array) -> Kernel:
    """`MatMulInteger` with B as an initializer, input and output bound once, int32 result.

    Raises ImportError if onnxruntime or onnx is missing.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        _model(a, b), options, providers=["CPUExecutionProvider"]
    )
    c = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((a.shape[0], b.shape[1]), np.int32))
    binding = session.io_binding()
    binding.bind_ortvalue_input("A", onnxruntime.OrtValue.ortvalue_from_numpy(a))
    binding.bind_ortvalue_output("C", c)

    def output() -> Array:
        session.run_with_iobinding(binding)
        return np.array(c.numpy())

    return Kernel(lambda: session.run_with_iobinding(binding), output)


def onednn_kernel(a: Array, b: Array) -> Kernel:
    """`torch.ops.onednn.qlinear_pointwise` on a prepacked weight, scales 1, float32 result.

    The operator has no int32 result. float32 holds integers up to 2**24 exactly, which random
    operands stay far below; beyond, the comparison with numpy fails rather than hides it. Raises
    ImportError if torch is missing.
    """
    import torch

    torch.set_num_threads(1)
    x = torch.from_numpy(a)
    weight = torch.ops.onednn.qlinear_prepack(
        torch.from_numpy(np.ascontiguousarray(b.T)), list(a.shape)
    )
    scales, zeros = torch.ones(1), torch.zeros(1, dtype=torch.int32)
    linear = torch.ops.onednn.qlinear_pointwise.default

    def run() -> Any:
        return linear(x, 1.0, 0, weight, scales, zeros, None, 1.0, 0, torch.float32, "none", [], "")

    return Kernel(run, lambda: _integers(run().numpy()))


PEERS: dict[str, Callable[[Array, Array], Kernel]] = {
    "onnxruntime": onnxruntime_kernel,
    "onednn": onednn_kernel,
}


def _integers(values: Array) -> Array:
    return np.asarray(values).astype(np.int64)


def _model(a: Array, b: Array) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["A", "B"], ["C"])],
        "gemm",
        [helper.make_tensor_value_info("A", TensorProto.UINT8, list(a.shape))],
        [helper.make_tensor_value_info("C", TensorProto.INT32, [a.shape[0], b.shape[1]])],
        [numpy_helper.from_array(np.ascontiguousarray(b), "B")],
    )
    # Not the newest of the format: a runtime older than the onnx package refuses what it writes.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())
