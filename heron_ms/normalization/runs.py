"""Which taps of a sliding window meet data, and where along the output that changes.

Along one axis an output p finds tap t at place ``p x stride + t x dilation + offset`` of the padded
input. Places outside the data hold zeros, and so the taps that meet data are an interval for each
output; outputs in a row with the same interval make a run.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Window:
    """A window of ``taps`` at each of ``outputs`` places; stride and dilation are positive."""

    outputs: int
    taps: int
    stride: int
    dilation: int
    offset: int

    def place(self, output: int, tap: int) -> int:
        """Where in the padded input an output finds a tap."""
        return output * self.stride + tap * self.dilation + self.offset

    def meets(self, output: int, data: range) -> range:
        """The taps of an output that fall on data, which holds the places of ``data``."""
        start, stop = self.ends(output, data)
        return range(start, stop) if start < stop else range(0)

    def ends(self, output: int, data: range) -> tuple[int, int]:
        """The first tap that is not before the data and the first one behind it.

        From one output to the next, neither ever grows.
        """
        first, step = self.place(output, 0), self.dilation
        start = min(max(0, -((first - data.start) // step)), self.taps)
        return start, min(-((first - data.stop) // step), self.taps)


@dataclass(frozen=True)
class Run:
    """Outputs in a row that use the same taps; no tap where all of them fall on padding."""

    outputs: range
    taps: range

    def places(self, window: Window) -> range:
        """Where in the padded input the run reads, from the first place to the last."""
        first = window.place(self.outputs[0], self.taps[0])
        return range(first, window.place(self.outputs[-1], self.taps[-1]) + 1)


def runs(window: Window, data: range) -> Iterator[Run]:
    """The outputs of a window, split into the longest runs with the same taps, one by one."""
    stretches = _stretches(window, data)
    for taps, group in groupby(stretches, lambda outputs: window.meets(outputs[0], data)):
        outputs = list(group)
        yield Run(range(outputs[0].start, outputs[-1].stop), taps)


def _stretches(window: Window, data: range) -> Iterator[range]:
    """Outputs in a row with the same ends; found by bisection, as there may be a million."""
    left = range(window.outputs)
    while left:
        here = window.ends(left[0], data)
        count = bisect(left, False, key=lambda output: window.ends(output, data) != here)
        yield left[:count]
        left = left[count:]


def saving(window: Window, chosen: Iterable[Run]) -> float:
    """The share of all pairs of an output and a tap that no run multiplies, from 0 to 1."""
    kept = sum(len(run.outputs) * len(run.taps) for run in chosen)
    return 1 - kept / (window.outputs * window.taps)
