"""Convolutions in numpy, a matrix product for each tap of the kernel; channels last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Contract = Callable[[Array, Array], Array]
"""(N, *spatial, CI) and the weight of one tap to (N, *spatial, CO)."""


def dense(x: Array, tap: Array) -> Array:
    """Every channel of C sums over every channel of A: ``tap`` is (CI, CO)."""
    return np.asarray(x @ tap)


def grouped(x: Array, tap: Array, groups: int) -> Array:
    """Channels of C sum over those of A in the same group: ``tap`` is (CI / G, CO)."""
    split = x.reshape(-1, groups, x.shape[-1] // groups)
    by_group = tap.reshape(tap.shape[0], groups, -1).transpose(1, 0, 2)
    joined = np.matmul(split.transpose(1, 0, 2), by_group).transpose(1, 0, 2)
    return np.asarray(joined.reshape(*x.shape[:-1], -1))


def depthwise(x: Array, tap: Array) -> Array:
    """Every channel on its own: ``tap`` is (C,)."""
    return np.asarray(x * tap)


def gather(
    x: Array,
    b: Array,
    out: Sequence[int],
    stride: int,
    pad: int,
    dil: int,
    contract: Contract,
) -> Array:
    """A convolution with output extents ``out``; ``b`` has the axes of the kernel first."""
    rank = len(out)
    x = np.pad(x, [(0, 0), *[(pad, pad)] * rank, (0, 0)])
    c: Array | None = None
    for tap in product(*map(range, b.shape[:rank])):
        part = contract(x[_windows(tap, out, stride, dil)], b[tap])
        c = part if c is None else np.add(c, part, out=c)
    assert c is not None
    return c


def scatter(x: Array, b: Array, out: Sequence[int], stride: int, pad: int, dil: int) -> Array:
    """A transposed convolution: every element of ``x`` adds the kernel to a window of C."""
    rank = len(out)
    reach = [
        max((size - 1) * stride + (taps - 1) * dil + 1, extent + pad)
        for size, taps, extent in zip(x.shape[1:-1], b.shape, out, strict=False)
    ]
    c = np.zeros((x.shape[0], *reach, b.shape[-1]))
    for tap in product(*map(range, b.shape[:rank])):
        c[_windows(tap, x.shape[1:-1], stride, dil)] += dense(x, b[tap])
    inside = (slice(None), *(slice(pad, pad + extent) for extent in out))
    return c[inside]


def _windows(tap: Sequence[int], sizes: Sequence[int], stride: int, dil: int) -> tuple[slice, ...]:
    """Where the longer side of a convolution meets all of the shorter one, at a tap."""
    reach = [
        slice(t * dil, t * dil + (size - 1) * stride + 1, stride)
        for t, size in zip(tap, sizes, strict=True)
    ]
    return (slice(None), *reach)
