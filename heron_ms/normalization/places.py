"""Where an einsum over parts of its iterators' ranges reads a factor."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from heron_ms.normalization.sliding import read_linear
from heron_ms.tensorize.einsum import Einsum, Operand


def places(einsum: Einsum, factor: Operand, kept: Mapping[int, range]) -> dict[int, range]:
    """The indices of each dimension of a factor that are read, as the smallest range with them.

    ``kept`` is what is left of some iterators, by position; dimensions of which all is read are
    left out, and so are those whose index is no sum of iterators.
    """
    indices = {}
    for dim, size in enumerate(int(extent) for extent in factor.buffer.shape):
        read = _places(einsum, factor, dim, kept)
        if read is not None and read != range(size):
            indices[dim] = read
    return indices


def _places(einsum: Einsum, factor: Operand, dim: int, kept: Mapping[int, range]) -> range | None:
    index = read_linear(einsum.axes, factor.indices[dim])
    if index is None:
        return None
    # Of each term the values, from the smallest to the largest.
    terms = [_scaled(kept.get(p, range(einsum.extents[p])), k) for p, k in index.terms.items()]
    first = index.offset + sum(term[0] for term in terms)
    last = index.offset + sum(term[-1] for term in terms)
    return range(first, last + 1, gcd(*(term.step for term in terms if len(term) > 1)) or 1)


def _scaled(values: range, scale: int) -> range:
    ends = sorted((values[0] * scale, values[-1] * scale))
    return range(ends[0], ends[1] + 1, abs(scale) * values.step)
