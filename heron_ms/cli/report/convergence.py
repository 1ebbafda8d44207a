"""How the time of the whole fell with every candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heron_ms.events.reading import Row, of_kind

MOST = 400
"""Points of a line: more than a screen shows apart."""


@dataclass(frozen=True)
class Point:
    """After so many candidates, and seconds since the first: seconds of all calls of all tasks.

    ``tried``: seconds of a call of the candidate itself; None for one that failed.
    """

    candidate: int
    elapsed: float
    seconds: float
    tried: float | None = None


def convergence(rows: Sequence[Row]) -> list[Point]:
    """The line, thinned. A task that was not measured yet counts as its first program that ran.

    Times between two runs are left out.
    """
    calls = {row["task"]: row["calls"] for row in of_kind(rows, "task")}
    tried = [row for row in of_kind(rows, "candidate") if row["decisions"] is not None]
    best: dict[str, float] = {}
    for row in reversed(tried):
        if row["seconds"] is not None:
            best[row["task"]] = row["seconds"]
    points, elapsed, before = [], 0.0, None
    for number, row in enumerate(tried, 1):
        if before is not None and before["run"] == row["run"]:
            elapsed += row["time"] - before["time"]
        before = row
        if row["seconds"] is not None:
            best[row["task"]] = min(best[row["task"]], row["seconds"])
        total = sum(seconds * calls.get(task, 1) for task, seconds in best.items())
        points.append(Point(number, elapsed, total, row["seconds"]))
    return _thinned([point for point in points if point.seconds])


def _thinned(points: list[Point]) -> list[Point]:
    """Those where the line falls, and no more in all than are seen apart."""
    step = -(-len(points) // MOST) if points else 1
    return [*points[:-1:step], *points[-1:]]
