"""Quantised transposed convolution of PyTorch on oneDNN: bytes in, bytes out.

The result is requantised to uint8. PyTorch 2.13 lays out the weight wrongly unless CI and CO are
equal, and the result is then wrong; where CO is a multiple of CI the same work is done right by
CO / CI calls of CI output channels each, and that is what is timed.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from scripts.bench.peers.libraries.kernel import Array, Job, Kernel, Unsupported
from scripts.bench.peers.libraries.operands import as_program, channels_last
from scripts.bench.peers.libraries.requantized import ZERO_POINT, Requantized


def kernel(job: Job) -> Kernel:
    """`torch.ops.quantized.conv_transpose2d`: what `ConvTranspose2d` calls.

    Raises `Unsupported` for anything but uint8 data, and for output padding.
    """
    if str(job.a.dtype) != "uint8":
        raise Unsupported(f"not compared for {job.a.dtype}")
    if job.workload.out_pad:
        raise Unsupported("oneDNN in PyTorch takes no output padding")
    whole = _calls(job, parts=1)
    inputs, outputs = job.b.shape[-2:]
    if inputs == outputs or outputs % inputs or whole.right(job):
        return whole
    return _calls(job, parts=outputs // inputs)


def _calls(job: Job, parts: int) -> Kernel:
    import torch

    requantized = Requantized.of(job.expected)
    x = torch.from_numpy(np.ascontiguousarray(channels_last(job, job.a))).movedim(-1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantised tensors are deprecated
        data = torch._make_per_tensor_quantized_tensor(x, 1.0, 0)
        weights = [_prepacked(job, part) for part in np.split(job.b, parts, axis=-1)]
    call = torch.ops.quantized.conv_transpose2d.default

    def run() -> list[Any]:
        return [call(data, weight, requantized.scale, ZERO_POINT) for weight in weights]

    def output() -> Array:
        channels = torch.cat([part.int_repr() for part in run()], dim=1)
        return as_program(job, channels.movedim(1, -1).numpy())

    note = f"{parts} calls of CI output channels each" if parts > 1 else ""
    return Kernel(run, output, "uint8", expect=requantized, note=note)


def _prepacked(job: Job, b: Array) -> Any:
    import torch

    torch.backends.quantized.engine = "onednn"
    plain = torch.from_numpy(np.ascontiguousarray(b.transpose(2, 3, 0, 1)))
    weight = torch._make_per_tensor_quantized_tensor(plain, 1.0, 0)
    work = job.workload
    where = ([size] * 2 for size in (work.stride, work.pad, 0, work.dil))
    return torch.ops.quantized.conv_transpose2d_prepack(weight, None, *where, 1)
