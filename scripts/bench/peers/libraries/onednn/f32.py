"""oneDNN through PyTorch in single precision, on weights that are laid out in advance."""

from __future__ import annotations

from typing import Any

import numpy as np

from scripts.bench.peers.libraries.kernel import Job, Kernel
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
    x = torch.from_numpy(np.ascontiguousarray(left))
    plain = torch.from_numpy(np.ascontiguousarray(right.T))
    weight = torch.ops.mkldnn._reorder_linear_weight(plain, left.shape[0])
    call = torch.ops.mkldnn._linear_pointwise.default

    def run() -> Any:
        return call(x, weight, None, "none", [], "")

    return Kernel(run, lambda: run().numpy().reshape(job.expected.shape), RESULT)


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
