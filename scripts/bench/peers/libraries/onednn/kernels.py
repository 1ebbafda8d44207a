"""oneDNN through PyTorch, on weights that are laid out in advance.

Bytes: `torch.ops.onednn.*`, scales 1, zero points 0, float32 results; the operators have no int32
ones. float32 holds integers up to 2**24 exactly, which random operands stay far below; beyond, the
comparison with numpy fails rather than hides it. Raises ImportError if torch is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scripts.bench.peers.libraries.kernel import Job, Kernel, Unsupported
from scripts.bench.peers.libraries.onednn import f32, transposed
from scripts.bench.peers.libraries.onednn.loop import looped
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


def kernel(job: Job) -> Kernel:
    """Any operator but batched products, which oneDNN has no prepacked form of in PyTorch."""
    import torch

    torch.set_num_threads(job.threads)
    if job.operator == "bmm":
        raise Unsupported("PyTorch has no 8-bit batched matrix product on oneDNN")
    if str(job.a.dtype) not in ("uint8", "int8", "float32", *_bfloat16(job)):
        raise Unsupported(f"not compared for {job.a.dtype}")
    if job.operator == "t2d":
        return transposed.kernel(job)
    if job.operator in PRODUCTS:
        return _product(job) if job.integer else f32.product(job)
    if job.operator in CONVOLUTIONS:
        return _convolution(job) if job.integer else f32.convolution(job)
    raise Unsupported(f"not compared for {job.operator}")


def _bfloat16(job: Job) -> tuple[str, ...]:
    """Of products alone."""
    return ("bfloat16",) if job.operator in PRODUCTS else ()


def _product(job: Job) -> Kernel:
    import torch

    left, right = matrices(job)
    x = torch.from_numpy(np.ascontiguousarray(left))
    weight = torch.ops.onednn.qlinear_prepack(
        torch.from_numpy(np.ascontiguousarray(right.T)), list(x.shape)
    )
    scales, zeros = torch.ones(1), torch.zeros(1, dtype=torch.int32)
    rest: tuple[Any, ...] = (None, 1.0, 0, torch.float32, "none", [], "")
    call = torch.ops.onednn.qlinear_pointwise.default

    def run() -> Any:
        return call(x, 1.0, 0, weight, scales, zeros, *rest)

    text = "onednn.qlinear_pointwise(x, 1.0, 0, w, s, z, None, 1.0, 0, 6, 'none', [], '')"
    return Kernel(
        run,
        lambda: run().numpy().reshape(job.expected.shape),
        RESULT,
        loop=lambda: looped(text, x, weight, scales, zeros),
    )


def _convolution(job: Job) -> Kernel:
    import torch

    shape = geometry(job)
    x = torch.from_numpy(np.ascontiguousarray(channels_last(job, job.a))).movedim(-1, 1)
    scales = torch.ones(job.b.shape[-1])
    zeros = torch.zeros(job.b.shape[-1], dtype=torch.int32)
    where = [shape.each(size) for size in (shape.stride, shape.pad, shape.dil)]
    plain = torch.from_numpy(framework_weight(job))
    weight = torch.ops.onednn.qconv_prepack(
        plain, scales, 1.0, 0, *where, shape.groups, list(x.shape)
    )
    name = f"qconv{shape.axes}d_pointwise"
    call = getattr(torch.ops.onednn, name).default
    rest = (*where, shape.groups, 1.0, 0, torch.float32, "none", [], "")

    def run() -> Any:
        return call(x, 1.0, 0, weight, scales, zeros, None, *rest)

    given = ", ".join(map(str, (*where, shape.groups)))
    text = f"onednn.{name}(x, 1.0, 0, w, s, z, None, {given}, 1.0, 0, 6, 'none', [], '')"
    return Kernel(
        run,
        lambda: as_program(job, run().movedim(1, -1).numpy()),
        RESULT,
        loop=lambda: looped(text, x, weight, scales, zeros),
    )
