"""Operands as other libraries want them, and results as bytes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scripts.bench.peers.cases import case
from scripts.bench.peers.libraries.kernel import Job, Kernel
from scripts.bench.peers.libraries.operands import (
    as_program,
    channels_last,
    framework_weight,
    geometry,
    matrices,
)
from scripts.bench.peers.libraries.requantized import Requantized

CONVOLUTIONS = (
    "c1d 1 12 4 8 3 1 1 1",
    "c2d 2 9 7 4 8 3 3 2 1 1",
    "dil 1 9 9 4 8 3 3 1 2 2",
    "c3d 1 4 5 6 4 8 3 3 3 1 1 1",
    "grp 1 6 6 8 16 3 3 1 1 1 2",
    "dep 1 6 6 8 3 3 1 1 1",
)


def job(text: str) -> Job:
    """A case with its data."""
    workload = case(text)
    a, b = workload.random_inputs(np.random.default_rng(0))
    return Job(workload, a, b, workload.reference(a, b))


@pytest.mark.parametrize("text", ["gemm 5 6 7", "scan 5 7 6", "gemv 7 6"])
def test_the_matrices_multiply_to_the_reference(text: str) -> None:
    given_job = job(text)
    left, right = (matrix.astype(np.int64) for matrix in matrices(given_job))
    assert (left @ right == given_job.expected.reshape(len(left), -1)).all()


@pytest.mark.parametrize("text", CONVOLUTIONS)
def test_a_plain_convolution_of_the_operands_is_the_reference(text: str) -> None:
    given_job = job(text)
    shape = geometry(given_job)
    data = channels_last(given_job, given_job.a).astype(np.int64)
    result = _convolved(data, framework_weight(given_job).astype(np.int64), shape)
    assert (as_program(given_job, result) == given_job.expected).all()


def _convolved(a: Any, weight: Any, shape: Any) -> Any:
    """(N, *spatial, C) with (CO, CI / groups, *kernel), one element at a time."""
    axes = range(1, 1 + shape.axes)
    padded = np.pad(a, [(0, 0)] + [(shape.pad, shape.pad)] * shape.axes + [(0, 0)])
    reach = [(taps - 1) * shape.dil + 1 for taps in weight.shape[2:]]
    extents = [(padded.shape[i] - reach[i - 1]) // shape.stride + 1 for i in axes]
    result = np.zeros((len(a), *extents, len(weight)), np.int64)
    inputs, outputs = weight.shape[1], len(weight) // shape.groups
    for place in np.ndindex(*extents):
        window = tuple(
            slice(i * shape.stride, i * shape.stride + r, shape.dil)
            for i, r in zip(place, reach, strict=True)
        )
        everywhere = (slice(None), *window)
        read = np.moveaxis(padded[everywhere], -1, 1)
        for group in range(shape.groups):
            channels = slice(group * outputs, (group + 1) * outputs)
            part = read[:, group * inputs : (group + 1) * inputs]
            sums = np.tensordot(part, weight[channels], (range(1, part.ndim),) * 2)
            written = (slice(None), *place, channels)
            result[written] = sums
    return result


SUMS = arrays.arrays(np.int32, st.integers(1, 30), elements=st.integers(-(2**24), 2**24))


@given(exact=SUMS)
def test_bytes_lose_at_most_half_a_step_and_do_not_saturate(exact: Any) -> None:
    requantized = Requantized.of(exact)
    back = (requantized(exact).astype(np.int64) - 128) * requantized.scale
    assert np.abs(back - exact).max() <= requantized.scale / 2
    # The scale is the finest power of two: at half of it something would saturate.
    assert np.abs(exact.astype(np.int64)).max(initial=1) / (requantized.scale / 2) > 127


def test_a_wrong_result_is_not_right() -> None:
    given_job = job("gemm 5 6 7")
    for output, right in (
        (given_job.expected, True),
        (given_job.expected.astype(np.float32), True),
        (given_job.expected + (np.arange(7) == 3), False),
        (given_job.expected * np.float32(np.nan), False),
        (given_job.expected[:1], False),
    ):
        kernel = Kernel(lambda: None, partial(np.asarray, output), "int32")
        assert kernel.right(given_job) is right
