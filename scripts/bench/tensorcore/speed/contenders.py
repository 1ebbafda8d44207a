"""The same product by all who are compared, on tensors of PyTorch's.

Sums are float32 for all of them. Results of heron_ms and of stock are float32 as well; those of the
libraries are float16, as PyTorch has no others for all of these operators, so they write half as
much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import Target
from heron_ms.compiling import compile_tir
from heron_ms.hardware.gpu_here import gpu_here
from heron_ms.work_dir import open_database
from heron_ms.workloads import Workload
from scripts.bench.peers.libraries.kernel import Array, Job, Kernel, Unsupported
from scripts.bench.peers.libraries.operands import (
    CONVOLUTIONS,
    PRODUCTS,
    channels_last,
    framework_weight,
    geometry,
    matrices,
)

OURS, STOCK, LIBRARY, TRITON = "heron_ms", "stock", "cuBLAS, cuDNN", "Triton"
LIBRARIES = (LIBRARY, TRITON)

Make = Callable[[], Any]
"""Makes a function of TVM's, of tensors on the GPU."""


def makers(job: Job, ours: Make, stock: Make) -> Mapping[str, Callable[[], Kernel]]:
    """What makes each of them.

    Stock comes last: after a kernel that reads what is not its own, nothing runs in a process.
    """
    return {
        OURS: lambda: _launched(job, ours()),
        LIBRARY: lambda: library(job),
        TRITON: lambda: triton(job),
        STOCK: lambda: _launched(job, stock()),
    }


def ours(workload: Workload, work_dir: Path) -> Any:
    """The best program that heron_ms found, compiled."""
    program, target = workload.prim_func(), Target(gpu_here().target())
    return compile_tir(open_database(str(work_dir)), program, target)["main"]


def _launched(job: Job, function: Any) -> Kernel:
    """A compiled function of the workload's arguments."""
    import torch

    empty = np.full(job.expected.shape, np.nan, np.float32)
    tensors = [_tensor(array) for array in (job.a, job.workload.arrange(job.b), empty)]

    def output() -> Array:
        function(*tensors)
        torch.cuda.synchronize()
        return np.asarray(tensors[-1].cpu().numpy())

    return Kernel(lambda: function(*tensors), output, "float32")


def library(job: Job) -> Kernel:
    """cuBLAS for products, cuDNN for convolutions, of which PyTorch tries all that there are."""
    import torch

    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    torch.backends.cudnn.benchmark = True
    if job.operator == "bmm":
        a, b = _tensor(job.a), _tensor(job.b)
        return _of(job, lambda: torch.bmm(a, b))
    if job.operator in PRODUCTS:
        left, right = map(_tensor, matrices(job))
        return _of(job, lambda: torch.mm(left, right))
    return _convolution(job)


def triton(job: Job) -> Kernel:
    """The templates of products of `torch.compile`, the best of them all."""
    import torch
    from torch._inductor import config

    if job.operator != "gemm":
        raise Unsupported("compared for products of two matrices")
    left, right = map(_tensor, matrices(job))
    with config.patch(max_autotune_gemm_backends="TRITON"):
        product = torch.compile(torch.mm, mode="max-autotune-no-cudagraphs")
        product(left, right)
    return _of(job, lambda: product(left, right))


def _convolution(job: Job) -> Kernel:
    import torch

    x = _tensor(channels_last(job, job.a)).movedim(-1, 1)
    if job.operator == "t2d":
        weight = _tensor(job.b.transpose(2, 3, 0, 1)).to(memory_format=torch.channels_last)
        work = job.workload
        around = (work.stride, work.pad, work.out_pad, 1, work.dil)
        spread = torch.nn.functional.conv_transpose2d
        return _of(job, lambda: spread(x, weight, None, *around))
    if job.operator not in CONVOLUTIONS:
        raise Unsupported(f"not compared for {job.operator}")
    shape, weight = geometry(job), _tensor(framework_weight(job))
    if shape.axes == 1:  # PyTorch knows no other layout of them
        x = x.contiguous()
    else:
        last = torch.channels_last if shape.axes == 2 else torch.channels_last_3d
        weight = weight.to(memory_format=last)
    call = getattr(torch.nn.functional, f"conv{shape.axes}d")
    where = (shape.stride, shape.pad, shape.dil, shape.groups)
    return _of(job, lambda: call(x, weight, None, *where))


def _of(job: Job, call: Callable[[], Any]) -> Kernel:
    def output() -> Array:
        c = call()
        c = c if job.operator in (*PRODUCTS, "bmm") else c.movedim(1, -1)
        return np.asarray(c.contiguous().cpu().numpy()).reshape(job.expected.shape)

    return Kernel(call, output, "float16")


def _tensor(array: Array) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).cuda()
