"""Which blocks are reductions over a window that slides along the output, and nothing else.

``C[n, c, y, x] += A[n, c, 2 * y + ry, 2 * x + rx] * B[c, ry, rx]``, a depthwise convolution, or a
pool, which has no B. No element of B serves two lanes and no element of A two channels, so there is
nothing that an intrinsic could share: what counts is that A is loaded in whole vectors, and that
neighbouring windows share what is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms._tvm import (
    HALVES,
    Analyzer,
    BufferStore,
    SBlockRealize,
    Var,
    constant,
    detect_linear_equation,
    reduces,
    uses,
)

MOST_TAPS = 64
"""Of a window that is unrolled: 7 x 7, with some to spare."""


@dataclass(frozen=True)
class Window:
    """A block that reduces over a window; iterators go by their position.

    lanes: the last one of the output, of which a vector holds neighbours. slid: the spatial ones
    that the window slides along. taps: those of the reduction. data: which of the block's reads the
    window slides over.
    """

    block: str
    extents: tuple[int, ...]
    lanes: int
    slid: tuple[int, ...]
    taps: tuple[int, ...]
    data: int

    @property
    def slides_lanes(self) -> bool:
        """Whether a vector of the output needs overlapping vectors of the data."""
        return self.lanes in self.slid

    @property
    def tiled(self) -> tuple[int, ...]:
        """The iterators beside the lanes along which neighbouring windows overlap, at most two."""
        return tuple(p for p in self.slid if p != self.lanes)[-2:]

    @property
    def outer(self) -> tuple[int, ...]:
        """The other spatial iterators."""
        inner = (self.lanes, *self.tiled, *self.taps)
        return tuple(p for p in range(len(self.extents)) if p not in inner)

    def __str__(self) -> str:
        taps = " x ".join(str(self.extents[p]) for p in self.taps if self.extents[p] > 1)
        return f"block {self.block}: a window of {taps or 1} in vectors, without an intrinsic"


def read_window(realize: SBlockRealize) -> Window | None:
    """The window that a block reduces over; None for any other block."""
    block = realize.block
    extents = [constant(iterator.dom.extent) for iterator in block.iter_vars]
    if not _is_plain(realize) or None in extents:
        return None
    known = tuple(extent for extent in extents if extent is not None)
    lanes, taps = _lanes(block, known), _taps(block)
    if lanes is None or prod(known[p] for p in taps) > MOST_TAPS:
        return None
    for data, region in enumerate(block.reads):
        pairs = list(_sums(block, region, known))
        slid = tuple(sorted({spatial for spatial, _ in pairs}))
        if slid and _covers(block, region, known, {tap for _, tap in pairs}):
            return Window(str(block.name_hint), known, lanes, slid, taps, data)
    return None


def _is_plain(realize: SBlockRealize) -> bool:
    """Whether a block is one statement that starts from an initial value, in loops of its own."""
    block = realize.block
    # Halves are widened lane by lane in TVM.
    is_wide = all(
        str(region.source.dtype) not in HALVES for region in (*block.reads, *block.writes)
    )
    loops = all(isinstance(value, Var) for value in realize.iter_values)
    starts = block.init is not None and isinstance(block.body, BufferStore)
    return is_wide and loops and starts and constant(realize.predicate) == 1


def _taps(block: Any) -> tuple[int, ...]:
    return tuple(p for p, iterator in enumerate(block.iter_vars) if reduces(iterator))


def _lanes(block: Any, extents: tuple[int, ...]) -> int | None:
    """The iterator of the last dimension of the output that is longer than one."""
    iterators = [iterator.var for iterator in block.iter_vars]
    written = [
        next((p for p, var in enumerate(iterators) if var.same_as(index)), None)
        for index in block.body.indices
    ]
    if None in written or not written:
        return None
    positions = [p for p in written if p is not None]
    return next((p for p in reversed(positions) if extents[p] > 1), positions[-1])


def _sums(block: Any, region: Any, extents: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The spatial iterator and the tap of every index that is a sum of such."""
    iterators, analyzer, taps = [i.var for i in block.iter_vars], Analyzer(), _taps(block)
    for iterator in block.iter_vars:
        analyzer.bind(iterator.var, iterator.dom)
    for index in region.region:
        terms = detect_linear_equation(analyzer.simplify(index.min), iterators)
        counted = [p for p, term in enumerate(terms[:-1]) if constant(term) != 0]
        long = [p for p in counted if p in taps and extents[p] > 1]
        yield from ((p, tap) for tap in long for p in counted if p not in taps)


def _covers(block: Any, region: Any, extents: tuple[int, ...], tapped: set[int]) -> bool:
    """Whether every long iterator is one of the window, and none lets an element serve again."""
    taps = _taps(block)
    used = {
        p
        for p, iterator in enumerate(block.iter_vars)
        if any(uses(index.min, iterator.var) for index in region.region)
    }
    long = {p for p, extent in enumerate(extents) if extent > 1}
    return long <= used and {p for p in taps if p in long} == tapped
