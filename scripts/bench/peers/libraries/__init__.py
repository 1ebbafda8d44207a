"""What heron_ms is compared with: the same operators from other libraries, called from Python."""

from __future__ import annotations

from scripts.bench.peers.libraries.inductor import kernels as inductor
from scripts.bench.peers.libraries.kernel import Array, Job, Kernel, Maker, Unsupported
from scripts.bench.peers.libraries.onednn import kernels as onednn
from scripts.bench.peers.libraries.onnx_runtime import kernels as onnx_runtime
from scripts.bench.peers.libraries.openvino import kernels as openvino

PEERS: dict[str, Maker] = {
    "onednn": onednn.kernel,
    "onnxruntime": onnx_runtime.kernel,
    "onnxruntime-u8": onnx_runtime.kernel_u8,
    "openvino": openvino.kernel,
    "inductor": inductor.kernel,
}
"""Makers by name: each takes a `Job`, and raises `Unsupported`, saying why, if it cannot do it."""

__all__ = ["PEERS", "Array", "Job", "Kernel", "Maker", "Unsupported"]
