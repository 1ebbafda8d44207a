"""What the events of a work directory amount to: what the page shows, and the JSON beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from heron_ms.cli.report.convergence import Point, convergence
from heron_ms.cli.report.roof import Roof
from heron_ms.cli.report.task import Task, tasks_of
from heron_ms.events.kinds import FAILURES
from heron_ms.events.reading import Row, of_kind

GOES_ON = "running"
"""How a run stands that has no end yet, and was not followed by another."""


@dataclass(frozen=True)
class Failure:
    """A kind of failure, how many candidates failed so, and what the last of them said."""

    kind: str
    count: int
    example: str


@dataclass(frozen=True)
class Summary:
    """All runs on a work directory, the last of them last; ``runs`` are rows of events."""

    runs: list[Row]
    tasks: list[Task]
    roof: Roof
    failures: list[Failure]
    phases: dict[str, float]
    check: Row | None
    points: list[Point]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Summary:
        """Of the events of a work directory."""
        return cls(
            runs=_runs(rows),
            tasks=tasks_of(rows),
            roof=Roof.of(rows),
            failures=_failures(rows),
            phases=_phases(rows),
            check=next(reversed([None, *of_kind(rows, "check")]), None),
            points=convergence(rows),
        )

    @property
    def last(self) -> Row:
        """The run that was begun last, and how it stands."""
        return self.runs[-1]

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return bool(self.last["how"] == GOES_ON)

    @property
    def best(self) -> float:
        """Seconds of all calls of all tasks that were measured."""
        return sum(task.total for task in self.tasks)

    @property
    def first(self) -> float:
        """The same with the first program of each that ran."""
        return sum((task.first or 0.0) * task.calls for task in self.tasks if task.best)

    def record(self) -> dict[str, Any]:
        """All of it, by name; ready for JSON."""
        return {
            "version": 1,
            "runs": self.runs,
            "tasks": [task.record() for task in self.tasks],
            "roof": asdict(self.roof),
            "failures": [asdict(failure) for failure in self.failures],
            "phases": self.phases,
            "check": self.check,
            "first_seconds": self.first,
            "best_seconds": self.best,
            "convergence": [asdict(point) for point in self.points],
        }


def _runs(rows: Sequence[Row]) -> list[Row]:
    """The first event of each run, with how it ended, what it took and how many it tried."""
    ends = {row["run"]: row for row in of_kind(rows, "end")}
    tried = [row["run"] for row in of_kind(rows, "candidate")]
    began = list(of_kind(rows, "run"))
    lasted = {row["run"]: row["time"] for row in rows}
    return [
        {
            **row,
            "how": _how(ends.get(row["run"]), is_last=row is began[-1]),
            "seconds": lasted[row["run"]] - row["time"],
            "error": ends.get(row["run"], {}).get("error"),
            "tried": tried.count(row["run"]),
        }
        for row in began
    ]


def _how(end: Row | None, is_last: bool) -> str:
    if end is not None:
        return str(end["how"])
    return GOES_ON if is_last else "killed"


def _failures(rows: Sequence[Row]) -> list[Failure]:
    failed = [row for row in of_kind(rows, "candidate") if row["failure"] is not None]
    errors = {kind: [row["error"] for row in failed if row["failure"] == kind] for kind in FAILURES}
    return [Failure(kind, len(said), said[-1] or "") for kind, said in errors.items() if said]


def _phases(rows: Sequence[Row]) -> dict[str, float]:
    """Seconds by what was done, of all runs; building and running are taken out of the search."""
    took: dict[str, float] = {}
    for row in of_kind(rows, "phase"):
        took[row["phase"]] = took.get(row["phase"], 0.0) + row["seconds"]
    took["build"] = sum(row["build_seconds"] for row in of_kind(rows, "batch"))
    took["run"] = sum(row["run_seconds"] or 0.0 for row in of_kind(rows, "candidate"))
    took["search"] = max(took.get("search", 0.0) - took["build"] - took["run"], 0.0)
    return {name: took[name] for name in sorted(took, key=lambda name: -took[name])}
