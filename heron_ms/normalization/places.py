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
    found = {}
    for dim, size in enumerate(int(each) for each in factor.buffer.shape):
        read = _places(einsum, factor, dim, kept)
        if read is not None and read != range(size):
            found[dim] = read
    return found


def _places(einsum: Einsum, factor: Operand, dim: int, kept: Mapping[int, range]) -> range | None:
    index = read_linear(einsum.axes, factor.indices[dim])
    if index is None:
        return None
    # Of each term the values, from the smallest to the largest.
    terms = [_scaled(kept.get(p, range(einsum.extents[p])), k) for p, k in index.terms.items()]
    first = index.offset + sum(each[0] for each in terms)
    last = index.offset + sum(each[-1] for each in terms)
    return range(first, last + 1, gcd(*(each.step for each in terms if len(each) > 1)) or 1)


def _scaled(values: range, scale: int) -> range:
    ends = sorted((values[0] * scale, values[-1] * scale))
    return range(ends[0], ends[1] + 1, abs(scale) * values.step)
