"""`torch.compile` with the templates of products that its option max-autotune brings.

It generates C++ for a product from templates, those for AMX among them, and takes the fastest of
these and of oneDNN's. Weights are constants of a frozen model, which it lays out in advance; bytes
are what it makes of a quantised linear layer, scales 1 and zero points 0, with float32 results. A
note says where a template was not the fastest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms.hardware import host
from scripts.bench.peers.libraries.kernel import Array, Job, Kernel, Unsupported
from scripts.bench.peers.libraries.onednn.f32 import tensor
from scripts.bench.peers.libraries.operands import PRODUCTS, matrices

_OPTIONS = {
    "freezing": True,
    "max_autotune": True,
    "max_autotune_gemm_backends": "CPP,ATEN",
    "compile_threads": 1,
    # Of a product that is read from its cache nothing tells whether a template was chosen.
    "fx_graph_cache": False,
}
_TEMPLATES = "cpp_templated_kernel_counter"


def kernel(job: Job) -> Kernel:
    """A product; it compiles for some ten seconds, with the C++ compiler that is there.

    Raises ImportError if torch is missing, `Unsupported` for other operators and types.
    """
    import torch

    if job.operator not in PRODUCTS:
        raise Unsupported(f"torch.compile has templates of products, none of {job.operator}")
    if str(job.a.dtype) not in ("uint8", "int8", "float32", "bfloat16"):
        raise Unsupported(f"not compared for {job.a.dtype}")
    if job.integer and job.b.dtype != np.int8:
        raise Unsupported("PyTorch's quantised weights are signed")
    if job.integer and host().saturates:
        raise Unsupported("oneDNN's products of bytes saturate on a CPU without VNNI")
    torch.set_num_threads(job.threads)
    torch.set_grad_enabled(False)  # a call in another mode would compile once more
    left, right = matrices(job)
    x, call, generated = _compiled(left, right.T)

    def output() -> Array:
        return np.asarray(call(x).float().numpy().reshape(job.expected.shape))

    result = str(job.a.dtype) if str(job.a.dtype) == "bfloat16" else "float32"
    return Kernel(lambda: call(x), output, result, note="" if generated else "oneDNN's was faster")


def _compiled(left: Array, weight: Array) -> tuple[Any, Any, bool]:
    """The data, the compiled layer, and whether it computes by a template."""
    import torch
    from torch._dynamo.utils import counters
    from torch._inductor import config

    x, layer = tensor(left), _layer(left, weight)
    torch._dynamo.reset()  # another shape would be compiled for any shape
    with config.patch(_OPTIONS):
        before = counters["inductor"][_TEMPLATES]
        call = torch.compile(layer)
        call(x)
        return x, call, counters["inductor"][_TEMPLATES] > before


def _layer(left: Array, weight: Array) -> Any:
    """A linear layer in inference, of (columns, depth) weights; quantised where they are bytes."""
    import torch

    if weight.dtype == np.int8:
        return _quantized(tensor(weight), str(left.dtype))
    layer = torch.nn.Linear(*weight.shape[::-1], bias=False)
    layer.weight = torch.nn.Parameter(tensor(weight), requires_grad=False)
    return layer.eval()


def _quantized(weight: Any, dtype: str) -> Any:
    import torch
    import torch.ao.quantization.fx._decomposed  # which registers the operators

    quantized, ends, kind = torch.ops.quantized_decomposed, np.iinfo(dtype), getattr(torch, dtype)
    low, high, columns = int(ends.min), int(ends.max), weight.shape[0]

    class Layer(torch.nn.Module):  # type: ignore[misc]  # where torch is not installed
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("w", weight.clone())  # of the layer alone, or it is not frozen
            self.register_buffer("scales", torch.ones(columns))
            self.register_buffer("zeros", torch.zeros(columns, dtype=torch.int64))

        def forward(self, x: Any) -> Any:
            data = quantized.dequantize_per_tensor.default(x, 1.0, 0, low, high, kind)
            weights = quantized.dequantize_per_channel.default(
                self.w, self.scales, self.zeros, 0, -128, 127, torch.int8
            )
            return torch.nn.functional.linear(data, weights)

    return Layer().eval()
