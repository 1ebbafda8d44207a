"""How a task of a run stands: what its candidates take, and who is still in the race."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import nsmallest

from heron_ms.events.kinds import CandidateTried

FINALISTS, TOLERANCE = 4, 0.10
"""Programs that are measured again at most, and by how much slower than the fastest."""

UNKNOWN = 0.2
"""Seconds that building or running a candidate is taken for until there has been one."""

LATEST = 32
"""Candidates that a mean is of: how loaded the machine is changes."""


@dataclass
class Standing:
    """Seconds to ``compile`` and to ``run`` its candidates; ``settled``: of its winner so far."""

    tried: int = 0
    compiled: list[float] = field(default_factory=list)
    ran: list[float] = field(default_factory=list)
    settled: float = float("inf")
    is_compared: bool = False
    _open: list[float] = field(default_factory=list)

    def take(self, event: CandidateTried) -> None:
        """Count a candidate of it."""
        self.tried += 1
        if event.build_seconds is not None:
            self.compiled.append(event.build_seconds)
        if event.run_seconds is not None:
            self.ran.append(event.run_seconds)
        if event.seconds is not None:
            self.is_compared = self.is_compared and event.seconds >= self._best
            self._open.append(event.seconds)

    def settle(self, seconds: float | None) -> None:
        """Its finalists were measured again; None where none runs."""
        self.settled = float("inf") if seconds is None else seconds
        self._open.clear()

    @property
    def _best(self) -> float:
        return min([self.settled, *self._open])

    @property
    def finalists(self) -> int:
        """Programs that would be measured again now: none where the winner is certain."""
        fastest = nsmallest(FINALISTS, [self.settled, *self._open])
        close = [time for time in fastest if time <= fastest[0] * (1 + TOLERANCE)]
        certain = len(close) < 2 or close[0] == self.settled
        return 0 if certain else sum(time != self.settled for time in close)

    @property
    def compiling(self) -> float:
        """Of one program alone."""
        return mean(self.compiled)

    @property
    def running(self) -> float:
        """Of measuring a candidate."""
        return mean(self.ran)


def mean(seconds: list[float]) -> float:
    """Of the latest."""
    latest = seconds[-LATEST:]
    return sum(latest) / len(latest) if latest else UNKNOWN
