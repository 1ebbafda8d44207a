"""Numbers in elements of several rows: where indices fall is where numpy puts them."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from heron_ms.errors import FaultError
from heron_ms.measure.vta.affine import Affine
from heron_ms.measure.vta.dram import Layout
from heron_ms.measure.vta.elements import Elements, cut, cuts_of

SHAPES = st.tuples(*(st.integers(1, 3) for _ in range(4)))
TILES = st.tuples(st.sampled_from([1, 2, 4]), st.sampled_from([1, 2, 4]))


def _lying(shape: tuple[int, ...], tiles: tuple[int, ...]) -> NDArray[np.int64]:
    """Of each number of a tensor (a, rows, b, lanes) the place, when elements lie in order."""
    a, rows, b, lanes = shape
    batch, block = tiles[1], tiles[3]
    places: NDArray[np.int64] = np.arange(prod(shape)).reshape(
        a, rows // batch, b, lanes // block, batch, block
    )
    lying: NDArray[np.int64] = places.transpose(0, 1, 4, 2, 3, 5).reshape(shape)
    return lying


@given(SHAPES, TILES)
def test_where_indices_fall(counts: tuple[int, ...], reach: tuple[int, int]) -> None:
    tiles = (1, reach[0], 1, reach[1])
    shape = tuple(count * tile for count, tile in zip(counts, tiles, strict=True))
    indices = [Affine(0, (), tuple(int(at == d) for at in range(4))) for d in range(4)]
    cuts = cuts_of(shape, zip(indices, tiles, strict=True))
    flat = Elements(shape, tiles).flat([i.cut(cuts) for i in indices], 4 + len(cuts))
    walked = np.zeros(cut(shape, cuts), int)
    for loop, factor in enumerate(flat.inner):
        walked += factor * np.arange(walked.shape[loop]).reshape(
            [-1 if at == loop else 1 for at in range(walked.ndim)]
        )
    assert (walked.reshape(shape) == _lying(shape, tiles)).all()


@given(SHAPES, st.lists(st.integers(0, 40), min_size=3, max_size=3))
def test_the_indices_of_a_place(shape: tuple[int, ...], factors: list[int]) -> None:
    place = Affine(factors[0], (), tuple(factors[1:]))
    found = Elements(shape, (1,) * 4).indices(place)
    assert Elements(shape, (1,) * 4).flat(found, 2) == place
    assert all(0 <= index.constant < size for index, size in zip(found[1:], shape[1:], strict=True))


@given(SHAPES, TILES, st.sampled_from([1, 4]), st.integers(0, 2))
def test_what_is_laid_out_is_taken(
    counts: tuple[int, ...], reach: tuple[int, int], planes: int, rows: int
) -> None:
    rng = np.random.default_rng(0)
    sizes = [*counts[:3], counts[3] * reach[1]]
    sizes[rows] *= reach[0]
    layout = Layout((0, 2, 1, 3), tuple(sizes), planes, rows, *reach)
    shape = tuple(layout.sizes[layout.order.index(d)] for d in range(4))
    dtype = np.int8 if planes == 1 else np.int32
    array = rng.integers(-100, 100, shape).astype(dtype)
    data = layout.laid_out(array)
    assert (layout.taken(data, dtype, shape) == array).all()


def test_a_row_beside_another_lies_behind_it() -> None:
    array = np.arange(4 * 32, dtype=np.int8).reshape(4, 32)
    data = Layout((0, 1), (4, 32), 1, 0, 2, 16).laid_out(array).view(np.int8)
    assert (data[:32].reshape(2, 16) == array[:2, :16]).all()
    assert (data[32:64].reshape(2, 16) == array[:2, 16:]).all()


def test_what_is_no_whole_elements() -> None:
    with pytest.raises(FaultError, match="ends within 16"):
        cuts_of([24], [(Affine(0, (), (1,)), 16)])
    with pytest.raises(FaultError, match="begins within 2"):
        Elements((4, 16), (2, 16)).flat([Affine(1, (), (0,)), Affine(0, (), (1,))], 1)
