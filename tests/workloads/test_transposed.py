"""T2D in polyphase form: nothing is computed that is zero by construction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms._tvm import SBlock, collect, constant
from heron_ms.workloads import Transposed2d
from heron_ms.workloads.phases import Phases


def _blocks(workload: Transposed2d) -> dict[str, Any]:
    body = workload.prim_func().body
    return {str(block.name_hint): block for block in collect(body, SBlock)}


def _extents(block: Any) -> list[int | None]:
    return [constant(iterator.dom.extent) for iterator in block.iter_vars]


def test_one_by_one_with_a_stride_is_one_product_and_one_spatial_stage() -> None:
    blocks = _blocks(Transposed2d(1, 28, 28, 128, 256, 1, 1, 2, 0, weight="packed"))
    assert set(blocks) == {"root", "C", "T"}
    assert _extents(blocks["C"]) == [1, 28, 28, 256, 1, 1, 128]
    assert _extents(blocks["T"]) == [1, 55, 55, 256]


def test_without_a_stride_it_is_a_convolution_of_the_padded_input() -> None:
    blocks = _blocks(Transposed2d(1, 14, 14, 16, 32, 3, 3, 1, 1))
    assert set(blocks) == {"root", "A_padded", "C"}
    assert _extents(blocks["A_padded"]) == [1, 16, 16, 16]
    assert _extents(blocks["C"]) == [1, 14, 14, 32, 3, 3, 16]


def test_phases_are_axes_where_several_have_taps() -> None:
    blocks = _blocks(Transposed2d(1, 14, 14, 16, 32, 3, 1, 2, 1, 1, 1))
    names = [str(iterator.var.name) for iterator in blocks["C"].iter_vars]
    assert names == ["v_n", "v_ph", "v_h", "v_w", "v_co", "v_kh", "v_kw", "v_ci"]
    assert _extents(blocks["C"])[1] == 2


@pytest.mark.parametrize(
    ("sizes", "operations"),
    [
        ((1, 56, 56, 64, 64, 3, 3, 1, 1), 2 * 56 * 56 * 64 * 64 * 9),
        ((1, 28, 28, 128, 256, 1, 1, 2, 0), 2 * 28 * 28 * 128 * 256),
        ((1, 4, 4, 3, 5, 2, 2, 2, 0), 2 * 4 * 4 * 3 * 5 * 4),
    ],
)
def test_operations_count_taps_that_there_are(sizes: tuple[int, ...], operations: int) -> None:
    assert Transposed2d.of(sizes).operations == operations


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(0, 3))
def test_every_product_is_in_one_phase(size: int, kernel: int, stride: int, pad: int) -> None:
    out = (size - 1) * stride - 2 * pad + kernel
    if out < 1:
        return
    axis = Phases(size, out, kernel, stride, pad, 1)
    split = axis.split(np.arange(1, kernel + 1), 0)
    assert split.shape == (axis.count, axis.taps)
    for y in range(out):
        right = {
            (y + pad - t) // stride: t + 1 for t in range(kernel) if (y + pad - t) % stride == 0
        }
        reads: dict[int, int] = {}
        if axis.phase(y) < axis.count:
            assert 0 <= axis.position(y) < axis.extent
            assert axis.position(y) + axis.taps <= axis.padded
            for j, tap in enumerate(split[axis.phase(y)]):
                reads[axis.position(y) + j - axis.before] = int(tap)
        assert {x: tap for x, tap in reads.items() if tap} == right
