"""The operands of a workload as other libraries want them: matrices, or channels first.

All from numpy's views of A in the program's layout and B in the logical one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.bench.peers.libraries.kernel import Array, Job

PRODUCTS = ("gemm", "scan", "gemv")
"""Operators that are one matrix product with a constant right operand."""

CONVOLUTIONS = ("c1d", "c2d", "c3d", "dil", "grp", "dep")


def matrices(job: Job) -> tuple[Array, Array]:
    """The left and right operands (M, K) and (K, N) of a product; a vector becomes one row."""
    if job.operator == "gemv":
        return job.a[np.newaxis, :], job.b.T
    return job.a, job.b


@dataclass(frozen=True)
class Geometry:
    """What a convolution has besides its operands; one number counts for each spatial axis."""

    axes: int
    stride: int
    pad: int
    dil: int
    groups: int

    def each(self, value: int) -> list[int]:
        """A value for each spatial axis."""
        return [value] * self.axes


def geometry(job: Job) -> Geometry:
    """The geometry of a convolution."""
    work = job.workload
    channels = int(work.ci if job.operator != "dep" else work.c)
    groups = {"grp": getattr(work, "groups", 1), "dep": channels}.get(job.operator, 1)
    return Geometry(job.a.ndim - 2, work.stride, work.pad, work.dil, int(groups))


def channels_last(job: Job, array: Array) -> Array:
    """A or C of the program as (N, *spatial, channels)."""
    return np.moveaxis(array, 1, -1) if job.workload.layout == "nchw" else array


def as_program(job: Job, array: Array) -> Array:
    """(N, *spatial, channels) in the layout of the program's C."""
    return np.moveaxis(array, -1, 1) if job.workload.layout == "nchw" else array


def framework_weight(job: Job) -> Array:
    """B of a convolution as frameworks have it: (CO, CI / groups, *kernel)."""
    b = job.b[..., np.newaxis, :] if job.operator == "dep" else job.b
    return np.ascontiguousarray(np.moveaxis(b, (-1, -2), (0, 1)))
