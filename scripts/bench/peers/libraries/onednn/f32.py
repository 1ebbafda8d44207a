"""oneDNN through PyTorch in floats, on weights that are laid out in advance.

Products are of float32 or of bfloat16, with results of the same: the operator has no others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scripts.bench.peers.libraries.kernel import Array, Job, Kernel
from scripts.bench.peers.libraries.operands import (
    as_program,
    channels_last,
    framework_weight,
    geometry,
    matrices,
)

RESULT = "float32"


def product(job: Job) -> Kernel:
    """`torch.ops.mkldnn._linear_pointwise`, which `torch.compile` uses for frozen models."""
    import torch

    left, right = matrices(job)
    x, plain = tensor(left), tensor(right.T)
    weight = torch.ops.mkldnn._reorder_linear_weight(plain, left.shape[0])
    call = torch.ops.mkldnn._linear_pointwise.default

    def run() -> Any:
        return call(x, weight, None, "none", [], "")

    def output() -> Array:
        return np.asarray(run().float().numpy().reshape(job.expected.shape))

    return Kernel(run, output, str(job.a.dtype))


def tensor(array: Array) -> Any:
    """An array as PyTorch has it, which takes no bfloat16 of numpy's."""
    import torch

    whole = np.ascontiguousarray(array)
    if str(whole.dtype) == "bfloat16":
        return torch.from_numpy(whole.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(whole)


def convolution(job: Job) -> Kernel:
    """`torch.ops.mkldnn._convolution_pointwise`, channels last."""
    import torch

    shape = geometry(job)
    x = torch.from_numpy(np.ascontiguousarray(channels_last(job, job.a))).movedim(-1, 1)
    where = [shape.each(size) for size in (shape.pad, shape.stride, shape.dil)]
    plain = torch.from_numpy(framework_weight(job))
    weight = torch.ops.mkldnn._reorder_convolution_weight(
        plain, *where, shape.groups, list(x.shape)
    )
    call = torch.ops.mkldnn._convolution_pointwise.default

    def run() -> Any:
        return call(x, weight, None, *where, shape.groups, "none", [], "")

    return Kernel(run, lambda: as_program(job, run().movedim(1, -1).numpy()), RESULT)
