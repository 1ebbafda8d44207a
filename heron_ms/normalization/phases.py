"""The phases of a window that slides over data with zeros in between: which taps each output meets.

Only every step-th place holds data, as in a transposed convolution. Along one axis an output p
finds tap t at place ``p x stride + t x dilation + offset``, so what taps it meets depends on p
modulo step / gcd(stride, step) alone, and they lie step / gcd(dilation, step) apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from heron_ms.normalization.runs import Window


@dataclass(frozen=True)
class Phase:
    """Outputs that meet the same taps; no tap where all of them fall between the data."""

    outputs: range
    taps: range


def phases(window: Window, data: range) -> tuple[Phase, ...]:
    """The outputs of a window by phase, for data at every ``data.step``-th place."""
    period = data.step // gcd(window.stride, data.step)
    count = min(period, window.outputs)
    return tuple(
        Phase(range(first, window.outputs, period), _taps(window, data, first))
        for first in range(count)
    )


def _taps(window: Window, data: range, output: int) -> range:
    """The taps of an output that are a number of steps away from the data's first place."""
    apart = data.step // gcd(window.dilation, data.step)
    places = [window.place(output, tap) - data.start for tap in range(min(apart, window.taps))]
    first = next((tap for tap, place in enumerate(places) if place % data.step == 0), None)
    return range(0) if first is None else range(first, window.taps, apart)
