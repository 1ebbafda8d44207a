"""When another candidate may be sent: the tracker is asked each time.

So no candidate waits for a server that has died and takes that for its own time, and a server that
comes, or comes back, is used at once.
"""

from __future__ import annotations

from time import monotonic

from heron_ms.errors import TrackerError
from heron_ms.measure.servers.tracker import Standing, Tracker

_FULL = 0.5
"""Seconds between two questions to the tracker while all known servers are at work."""


class Gate:
    """Opens where a server is free; ``patience``: seconds without any before that is an error."""

    def __init__(self, tracker: Tracker, patience: float, most: int) -> None:
        self._tracker, self._patience, self._most = tracker, patience, most
        self._known = Standing(0, 0)
        self._asked, self._served = float("-inf"), monotonic()

    def opens(self, flying: int) -> bool:
        """Whether there is a server for one more than so many; raises `TrackerError`."""
        now = monotonic()
        if flying >= self._known.servers and now < self._asked + _FULL:
            return False
        self._asked = now
        self._known = self._standing(late=now > self._served + self._patience)
        if flying or self._known.free:
            self._served = now
        elif now > self._served + self._patience:
            raise self._nobody()
        return flying < min(self._known.servers, self._most) and self._known.free > 0

    def _standing(self, late: bool) -> Standing:
        """A tracker that restarts has no servers for a moment."""
        try:
            return self._tracker.standing()
        except TrackerError:
            if late:
                raise
            return Standing(0, 0)

    def _nobody(self) -> TrackerError:
        why = "other runs use them, or they hang" if self._known.servers else "they are gone"
        return TrackerError(
            f"no server of key {self._tracker.key!r} was free for {self._patience:.0f} seconds: "
            f"{why}; what was measured is kept, run the same again to go on"
        )
