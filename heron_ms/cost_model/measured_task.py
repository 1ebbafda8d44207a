"""What a transferred model learns from: a task and the times of some of its programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Problem


@dataclass(frozen=True)
class MeasuredTask:
    """What was measured of one program on one target, in order.

    ``sketches`` [programs] are numbers of ``problems``; ``rows`` int64 [programs][variables] the
    assignments; ``seconds`` float64 [programs], infinite for failures.
    """

    name: str
    problems: Sequence[Problem]
    sketches: Sequence[int]
    rows: Sequence[NDArray[np.int64]]
    seconds: NDArray[np.float64]
