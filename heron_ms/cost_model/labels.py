"""What a model learns from seconds: how far a program is from the fastest, on a log scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SLOWEST = -4.0
"""Log-ratio to the best beyond which all programs are equally uninteresting; failures lie below."""


def log_ratios(seconds: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """ln(best / seconds), float64 [programs], at least `SLOWEST`; failures are 1 below that.

    seconds: float64 [programs], infinite for failures. None where all of them failed.
    """
    works = np.isfinite(seconds)
    if not works.any():
        return None
    labels = np.full(len(seconds), SLOWEST - 1.0)
    labels[works] = np.maximum(np.log(seconds[works].min() / seconds[works]), SLOWEST)
    return labels
