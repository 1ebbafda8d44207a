"""What the search itself costs: its share of a tuning's wall time, and its memory.

    python -m scripts.bench overhead --trials 256 --many 2000 --core 1

Tunes a GEMM with `heron-ms tune` and says which share of the time went into anything but building
and running. Then searches a recorded objective, where nothing is built, for many more trials, and
prints the size of the process as it goes: once as it is, and once without MetaSchedule's database,
which keeps every record in memory. And it searches with the events written and without, in turn,
from several seeds.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from tvm.ir.utils import derived_object
from tvm.s_tir.meta_schedule.database import PyDatabase, Workload

import heron_ms
from heron_ms._preload import preload_intrinsics
from heron_ms.testing.replay import load
from heron_ms.testing.replay_measure import replaying
from scripts.bench.harness.console import redirected, say
from scripts.bench.harness.options import add_trials, at_least
from scripts.bench.harness.processes import fresh_pool
from scripts.bench.harness.report import Report
from scripts.bench.replay.objectives import recorded

CASE = ("gemm", "512", "512", "512", "--weight", "packed")
SEEDS = 5
"""Of the searches with events and without."""

STEPS = 8
"""Sizes that are printed of the search of many trials."""


def options(parser: ArgumentParser) -> None:
    """How long, and what of."""
    add_trials(parser, 256, "the tuning")
    parser.add_argument("--many", type=at_least(STEPS), default=2000, metavar="N",
                        help="trials of the search (default 2000)")  # fmt: skip
    parser.add_argument("--set", default="gemm-plain-sampled", metavar="NAME",
                        help="the recorded set of the search (default %(default)s)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Measures both: a table of times and one of sizes."""
    (objective,) = recorded([arguments.set]).values()
    times = shares(arguments.trials)
    logged = events(objective, arguments.trials)
    return Report.joined(
        {"seconds": times, "megabytes": sizes(objective, arguments.many), "events": logged}
    )


def shares(trials: int) -> Report:
    """A table of where the time of a tuning goes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "result.json")
        options = ["--trials", str(trials), "--cores", "1", "--seed", "0"]
        say("heron-ms tune", *CASE, *options)
        files = ["--work-dir", str(Path(folder, "work")), "--json", str(out)]
        program = [sys.executable, "-m", "heron_ms.cli", "tune"]
        subprocess.run([*program, *CASE, *options, *files], stdout=sys.stderr, check=True)
        seconds = json.loads(out.read_text())["seconds"]
    whole = sum(seconds.values())
    rows = [[part, f"{took:.1f}", f"{took / whole:.1%}"] for part, took in seconds.items()]
    outside = whole - seconds["build"] - seconds["run"]
    rows.append(["outside building and running", f"{outside:.1f}", f"{outside / whole:.1%}"])
    return Report.of_table([f"{' '.join(CASE)}, {trials} trials", "seconds", "of all"], rows)


def sizes(objective: Path, trials: int) -> Report:
    """A table of the size of the process against trials, each column a process of its own."""
    columns = [_in_a_process(objective, trials, kept) for kept in (True, False)]
    rows = [[done, *(f"{size:.0f}" for size in column)] for done, *column in
            zip(_marks(trials), *columns, strict=True)]  # fmt: skip
    return Report.of_table(["trials", "MB", "MB without the database"], rows)


def events(objective: Path, trials: int) -> Report:
    """A table of the seconds of a search whose events are written, and of one whose are not."""
    with fresh_pool(1) as pool:
        rows = pool.submit(_with_and_without, objective, trials).result()
    ratio = median(row[1] / row[2] for row in rows)
    note = f"{trials} trials; {ratio:.3f} times as long with events, the median over the seeds"
    cells = [[seed, *(f"{took:.2f}" for took in both)] for seed, *both in rows]
    return Report.of_table(["seed", "s with events", "s without"], cells, note)


def _with_and_without(objective: Path, trials: int) -> list[tuple[int, float, float]]:
    """Seconds by seed, after one that warms up; who comes first changes from seed to seed."""
    _timed(objective, trials, 0, True)
    rows = []
    for seed in range(1, 1 + SEEDS):
        order = (True, False) if seed % 2 else (False, True)
        took = {written: _timed(objective, trials, seed, written) for written in order}
        rows.append((seed, took[True], took[False]))
    return rows


def _timed(objective: Path, trials: int, seed: int, written: bool) -> float:
    begun = perf_counter()
    _search(objective, trials, lambda _: None, {"events": written, "seed": seed})
    return perf_counter() - begun


def _in_a_process(objective: Path, trials: int, kept: bool) -> list[float]:
    with fresh_pool(1) as pool:
        return pool.submit(_grown, objective, trials, kept).result()


def _marks(trials: int) -> list[int]:
    every = max(1, trials // STEPS)
    return list(range(every, trials + 1, every))


def _grown(objective: Path, trials: int, kept: bool) -> list[float]:
    """Megabytes at each mark of a search, with the records kept or dropped."""
    megabytes: list[float] = []
    marks, done = set(_marks(trials)), 0

    def count(_: float | None) -> None:
        nonlocal done
        done += 1
        if done in marks:
            gc.collect()
            megabytes.append(resident())
            say(f"{done} of {trials} trials: {megabytes[-1]:.0f} MB")

    _search(objective, trials, count, {} if kept else {"database": derived_object(_Forgetful)()})
    return megabytes


def _search(recorded_set: Path, trials: int, on_result: Any, changes: dict[str, Any]) -> None:
    """Tunes a recorded objective, calling back after each trial."""
    preload_intrinsics()
    objective = load(recorded_set)
    with tempfile.TemporaryDirectory() as folder, redirected(1, to=2):
        heron_ms.tune_tir(
            objective.task.mod,
            objective.task.tvm_target,
            folder,
            trials,
            on_result=on_result,
            normalize=False,
            **{**replaying([objective]), "seed": 0, **changes},
        )


class _Forgetful(PyDatabase):  # type: ignore[misc]
    """A database that keeps no record."""

    def __init__(self) -> None:
        super().__init__()
        self._workloads: list[Any] = []

    def has_workload(self, mod: Any) -> bool:
        return True

    def commit_workload(self, mod: Any) -> Any:
        # One task, one program.
        self._workloads = self._workloads or [Workload(mod)]
        return self._workloads[0]

    def commit_tuning_record(self, record: Any) -> None:
        pass

    def get_top_k(self, workload: Any, top_k: int) -> list[Any]:
        return []

    def get_all_tuning_records(self) -> list[Any]:
        return []

    def __len__(self) -> int:
        return 0


def resident() -> float:
    """Megabytes of this process that lie in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
