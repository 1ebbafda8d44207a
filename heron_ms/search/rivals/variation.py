"""Crossover and mutation of plain vectors, which ask no constraint (the paper's GA-1 to GA-3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Genes = NDArray[np.int64]


def one_point(first: Genes, second: Genes, rng: Generator) -> Genes:
    """Children, int64 [n, genes]: the first parent up to a random cut, the second from there."""
    n, width = first.shape
    cuts = rng.integers(1, max(2, width), size=n)
    return np.where(np.arange(width) < cuts[:, None], first, second)


def redraw(genes: Genes, alphabets: Sequence[Genes], rng: Generator) -> Genes:
    """A copy in which each gene is drawn again from its values: one a chromosome on average."""
    drawn = np.stack([rng.choice(values, len(genes)) for values in alphabets], axis=1)
    return np.where(rng.random(genes.shape) < 1.0 / genes.shape[1], drawn, genes)


def tournament(size: int, n: int, rng: Generator) -> NDArray[np.int64]:
    """Positions of n parents in a ranking of `size`, best first: the better of two at random."""
    drawn: NDArray[np.int64] = rng.integers(size, size=(n, 2)).min(axis=1)
    return drawn
