"""Whether something else kept the machine busy while the last word was spoken on a program.

What is measured twice and differs, or spreads widely, says more of the machine than of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST = 0.2
"""What others may have, by what share repeats may spread and two measurements of a program differ.

On a quiet machine that is a few per cent; beside busy processes up to a multiple.
"""

MOST_OF_PEAK = 0.1
"""By what share two measurements of the peak may differ."""


def spread_of(times: Sequence[float]) -> float:
    """By what share the upper quartile of a measurement exceeds the lower."""
    order = sorted(times)
    return float(order[len(order) * 3 // 4] / order[len(order) // 4] - 1)


@dataclass(frozen=True)
class Disturbance:
    """What tells: other processes, the spread of a program's last measurement, what came twice.

    ``others`` is the share of the time of its cores that other processes had. ``seconds`` are those
    of the program in the search and in the end, ``peaks`` (GOP/s) those of the instruction before
    the last measurement and after it, none where it has no such.
    """

    others: float
    spread: float
    seconds: tuple[float, float]
    peaks: tuple[float, ...] = ()

    @property
    def signs(self) -> list[str]:
        """What shows that the machine was disturbed, in words; nothing on a quiet one."""
        shown = []
        if self.others > MOST:
            shown.append(f"others had {self.others:.0%} of the time of its cores")
        if self.spread > MOST:
            shown.append(f"repeats of the latency spread by {self.spread:.0%}")
        if _difference(self.seconds) > MOST:
            shown.append(f"the latency was {self.seconds[0] * 1e3:.6f} ms in the search")
        if _difference(self.peaks) > MOST_OF_PEAK:
            shown.append(
                f"the peak read {' and '.join(f'{peak:.1f}' for peak in self.peaks)} GOP/s"
            )
        return shown

    def record(self) -> dict[str, Any]:
        """All of it, by name; ready for JSON."""
        return {
            "disturbed": bool(self.signs),
            "others": self.others,
            "spread": self.spread,
            "search_latency_ms": self.seconds[0] * 1e3,
            "peaks_gops": list(self.peaks),
        }


def _difference(values: Sequence[float]) -> float:
    """By what share the largest exceeds the smallest."""
    return max(values) / min(values) - 1 if values else 0.0
