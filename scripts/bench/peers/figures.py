"""The arithmetic of the comparison's tables: which time counts, ratios, geometric means.

A case is a record as `compare_case.compared` makes it. A ratio is the other's time over ours: above
one, heron_ms is faster. Times are of calls from Python, for all alike, in microseconds.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scripts.bench.harness.journal import Record
from scripts.bench.peers.roofline import roofline_gops

OURS = "heron_ms"
VECTORS = "vectors"
SEARCHES = ("stock", "repaired", VECTORS)
BEST, BEST_WIDE = "best peer", "best peer, 32-bit results"
BEST_LOOPED = "best peer, short cases in loops"


@dataclass(frozen=True)
class Figures:
    """Times by one of the clocks, "wall" or "cpu"."""

    peers: tuple[str, ...]
    clock: str = "wall"

    def time_us(self, case: Record, name: str) -> float | None:
        """The time of a contender, of a search's better layout, or of the best peer."""
        chosen = self.chosen(case, name)
        return None if chosen is None else float(self._results(case)[chosen][f"{self.clock}_us"])

    def chosen(self, case: Record, name: str) -> str | None:
        """The contender that a name stands for in a case; None if it has no right result."""
        results = self._results(case)
        names = [one for one in self._members(name, results) if one in results]
        return min(
            names, key=lambda contender: results[contender][f"{self.clock}_us"], default=None
        )

    def gops(self, case: Record, name: str) -> float | None:
        """Nominal operations in 1e9 a second."""
        time = self.time_us(case, name)
        return None if time is None else case["operations"] / time / 1e3

    def share(self, case: Record, name: str) -> float | None:
        """The share of the measured peak of the arithmetic."""
        gops, peak = self.gops(case, name), case["timing"].get("peak_gops")
        return gops / peak if gops and peak else None

    def roofline(self, case: Record) -> float | None:
        """GOP/s that peak and memory allow."""
        timing = case["timing"]
        peak, bandwidth = timing.get("peak_gops"), timing.get("bandwidth_gbs")
        return roofline_gops(case["operations"], timing.get("bytes", 1), peak, bandwidth)

    def ratio(self, case: Record, name: str) -> float | None:
        """How many times as fast as another heron_ms is."""
        if name == BEST_LOOPED:
            return min(
                filter(None, (self._looped(case, peer) for peer in self.peers)), default=None
            )
        ours, theirs = self.time_us(case, OURS), self.time_us(case, name)
        return theirs / ours if ours and theirs else None

    def mean(self, cases: Iterable[Record], name: str) -> float | None:
        """The geometric mean of the ratios that there are."""
        return geometric_mean(self.ratio(case, name) for case in cases)

    def compared(self, cases: Iterable[Record], name: str) -> int:
        """In how many cases there is a ratio."""
        return sum(self.ratio(case, name) is not None for case in cases)

    def failed(self, cases: Iterable[Record], name: str) -> int:
        """In how many cases a search that was made produced nothing that is right."""
        tried = (case for case in cases if any(_of(search, name) for search in case["searches"]))
        return sum(self.chosen(case, name) is None for case in tried)

    def _looped(self, case: Record, name: str) -> float | None:
        """The ratio of times in compiled loops, where both have one; of calls otherwise."""
        results = self._results(case)
        ours, theirs = (results.get(contender, {}).get("loop_us") for contender in (OURS, name))
        return theirs / ours if ours and theirs else self.ratio(case, name)

    def _results(self, case: Record) -> Record:
        return dict(case["timing"].get("results", {}))

    def _members(self, name: str, results: Record) -> Sequence[str]:
        if name == BEST:
            return self.peers
        if name == BEST_WIDE:
            return [peer for peer in self.peers if results.get(peer, {}).get("result") != "uint8"]
        return [contender for contender in results if _of(contender, name)]


def geometric_mean(ratios: Iterable[float | None]) -> float | None:
    """Of those that are known; None if none is."""
    logs = [math.log(ratio) for ratio in ratios if ratio]
    return math.exp(statistics.fmean(logs)) if logs else None


def operators(cases: Iterable[Record]) -> list[str]:
    """The operators in the order of their first cases."""
    return list(dict.fromkeys(case["operator"] for case in cases))


def _of(contender: str, name: str) -> bool:
    """Whether a contender, such as "stock/kn", is one of a name's, such as "stock"."""
    return contender == name or contender.startswith(f"{name}/")
