"""The pieces of one case: its searches, then the timing; each is journaled when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.peers import steps
from scripts.bench.peers.steps import Step
from scripts.bench.peers.timing import time_in_turns
from scripts.bench.peers.tuners import OWN, layouts
from scripts.bench.peers.tuning import choose, search

CHOOSING_SECONDS = 300.0
TIMING_SECONDS = 600.0

Artifacts = dict[str, tuple[str | None, Any]]
"""Built kernels by contender, and the workload in the layout that each was built for."""


@dataclass(frozen=True)
class Settings:
    """What a comparison depends on besides the case.

    ``time_limit`` is in seconds, for each search; ``fresh`` times again what was timed before, and
    ``retry`` does again what failed or was cut short.
    """

    out: Path
    tuners: tuple[str, ...]
    peers: tuple[str, ...]
    trials: int = 64
    rounds: int = 15
    seed: int = 0
    cores: int = 1
    time_limit: float = 600.0
    fresh: bool = False
    retry: bool = False

    @property
    def journal(self) -> Journal:
        """Where finished pieces are kept."""
        return Journal(self.out / "journal.jsonl")


def compared(workload: Any, settings: Settings) -> Record:
    """All that is known of a case, pieces of earlier runs included."""
    searches: dict[str, Record] = {}
    artifacts: Artifacts = {}
    for tuner in settings.tuners:
        for layout in layouts(tuner, workload):
            name = label(tuner, layout)
            searches[name] = _search(tuner, layout, settings)
            if "artifact" in searches[name]:
                artifacts[name] = (searches[name]["artifact"], layout)
    return {
        "case": workload.name,
        "operator": workload.operator,
        "weight": workload.weight,
        "operations": workload.operations,
        "searches": searches,
        "timing": _timing(workload, artifacts, settings),
    }


def label(tuner: str, workload: Any) -> str:
    """The name of a search; stock's has the layout of the weight, for there are two."""
    return tuner if tuner in OWN else f"{tuner}/{workload.weight}"


def call_overheads(workload: Any, settings: Settings) -> Record:
    """The timing of a workload that computes next to nothing: what a call costs by itself."""
    return _timing(workload, {"TVM": (None, workload)}, settings)


def _search(tuner: str, workload: Any, settings: Settings) -> Record:
    key = {
        "piece": "search",
        "case": workload.name,
        "tuner": tuner,
        "trials": settings.trials,
        "seed": settings.seed,
        "cores": settings.cores,
    }
    title = f"{workload.name}: {settings.trials} trials of {label(tuner, workload)}"
    return _piece(key, title, settings, lambda: _searched(tuner, workload, settings))


def _searched(tuner: str, workload: Any, settings: Settings) -> Record:
    work_dir = settings.out / "searches" / workload.name / tuner
    request = {
        "tuner": tuner,
        "workload": workload,
        "trials": settings.trials,
        "seed": settings.seed,
        "cores": settings.cores,
        "work_dir": str(work_dir),
    }
    log = work_dir / "log.txt"
    started = time.monotonic()
    step = Step(search, request, settings.time_limit, log)
    ended = steps.run(step, _counting(work_dir, settings.trials))
    seconds = time.monotonic() - started
    choosing = Step(choose, request, CHOOSING_SECONDS, log)
    chosen = steps.run(choosing)
    return {"search_s": seconds, "search_problem": ended.get("problem", ""), **chosen}


def _timing(workload: Any, artifacts: Artifacts, settings: Settings) -> Record:
    key = {
        "piece": "timing",
        "case": workload.name,
        "contenders": [*artifacts, *settings.peers],
        "trials": settings.trials,
        "rounds": settings.rounds,
        "seed": settings.seed,
        "cores": settings.cores,
    }
    request = {
        "workload": workload,
        "artifacts": artifacts,
        "peers": settings.peers,
        "rounds": settings.rounds,
        "seed": settings.seed,
        "cores": settings.cores,
    }
    log = settings.out / "timing.txt"
    step = Step(time_in_turns, request, TIMING_SECONDS, log, torch=True)
    title = f"{workload.name}: timing {len(artifacts) + len(settings.peers)} contenders"
    return _piece(key, title, settings, lambda: steps.run(step))


def _piece(key: Record, title: str, settings: Settings, work: Callable[[], Record]) -> Record:
    """The journaled result of a piece, or a new one."""
    record = settings.journal.find(key)
    if record is not None and _again(record, settings):
        record = None
    if record is None:
        say(title)
        record = {**key, **work()}
        settings.journal.append(record)
    if "problem" in record:
        say(f"{title}: {record['problem']}")
    return record


def _again(record: Record, settings: Settings) -> bool:
    """Whether a finished piece is asked for once more."""
    failed = "problem" in record or bool(record.get("search_problem"))
    return (settings.retry and failed) or (settings.fresh and record["piece"] == "timing")


def _counting(work_dir: Path, trials: int) -> Callable[[], None]:
    """Shows on a terminal how many trials are on disk."""
    path = work_dir / "database_tuning_record.json"

    def show() -> None:
        if sys.stderr.isatty() and path.is_file():
            count = path.read_bytes().count(b"\n")
            print(f"  {count}/{trials} trials\r", end="", file=sys.stderr, flush=True)

    return show
