"""Searches on this machine, and what each would have returned after every trial, timed again.

A search is a work directory of `heron_ms.tune_tir`, so a stopped one goes on. Each program that was
the best of its search at some time is then compared with numpy and timed in turns with all others
of its case: one short measurement, lowest of hundreds, says little of what a user would get.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from common import Journal, Record, say
from record_replay_cases import Case
from replay_runs import Curve, Search
from replay_stock import NAME as STOCK
from replay_stock import quiet

ROUNDS = 9
TIMEOUT = 60.0
SEED = 0
"""Of the data that programs compute on."""


@dataclass(frozen=True)
class Found:
    """A program that was the best of its search from some trial on, the first being 1."""

    trial: int
    line: Any
    workload: Any

    @property
    def identity(self) -> str:
        """The same for the same program of a case."""
        return str(self.line.record[0])

    def candidate(self) -> Any:
        """It as MetaSchedule measures it."""
        from heron_ms._tvm import ms

        record = ms.database.TuningRecord.from_json(self.line.record, self.workload)
        return record.as_measure_candidate()


@dataclass(frozen=True)
class Bench:
    """One case on this machine, with one core; ``folder`` has what was searched and timed."""

    case: Case
    target: Any
    folder: Path

    @property
    def workload(self) -> Any:
        """The case's workload."""
        from heron_ms.workloads import OPERATORS

        return OPERATORS[self.case.operator].of(self.case.sizes, weight=self.case.weight)

    def search(self, search: Search) -> None:
        """Search, or go on with what an earlier run left of it."""
        import numpy as np

        import heron_ms
        from heron_ms.work_dir import open_database

        # Stock's model scores at random until it has 100 results, by numpy's global generator.
        np.random.seed(search.seed)
        place = self._place(search)
        place.mkdir(parents=True, exist_ok=True)
        with quiet(place / "messages.log"):
            heron_ms.tune_tir(
                self.workload.prim_func(),
                self.target,
                str(place),
                search.trials,
                # One of the caller's own: the finalists are not measured again.
                database=open_database(str(place)),
                seed=search.seed,
                **_strategy(search.strategy),
            )

    def curves(self, searches: Sequence[Search]) -> list[Curve]:
        """The seconds of what each search would have returned after every trial."""
        found = {each: list(self._found(each)) for each in searches}
        seconds = self._timed({f.identity: f for each in found.values() for f in each})
        return [
            Curve(search, _steps(each, seconds, search.trials)) for search, each in found.items()
        ]

    def _place(self, search: Search) -> Path:
        return self.folder / self.case.name / f"{search.strategy}-{search.seed}"

    def _found(self, search: Search) -> Iterator[Found]:
        from heron_ms.measure.record_file import RecordFile

        least = inf
        file = RecordFile(self._place(search))
        workloads = file.workloads()
        for trial, line in enumerate(file.lines().values(), start=1):
            if line.seconds < least and trial <= search.trials:
                least = line.seconds
                yield Found(trial, line, workloads[line.workload])

    def _timed(self, programs: Mapping[str, Found]) -> dict[str, float]:
        """Seconds of programs; infinite for one that is wrong or fails. Kept for the same ones."""
        journal = Journal(self.folder / "timed.jsonl")
        wanted = {"case": self.case.name, "programs": sorted(programs)}
        known = journal.find(wanted)
        if known is None:
            say(f"{self.case.name}: timing {len(programs)} programs in turns")
            known = {**wanted, "seconds": self._time(programs)}
            journal.append(known)
        return dict(known["seconds"])

    def _time(self, programs: Mapping[str, Found]) -> Record:
        from trials import Trials

        from heron_ms.measure.builder import local_runner
        from heron_ms.measure.records import seconds_of
        from heron_ms.measure.running import run

        trials = Trials(self.workload, self.target, SEED, TIMEOUT)
        built: dict[str, str] = {}
        try:
            candidates = {name: each.candidate() for name, each in programs.items()}
            built = {name: trials.build(each.sch.mod) for name, each in candidates.items()}
            right = {name: path for name, path in built.items() if trials.check(path).right}
            runner = local_runner(self.target)
            values: dict[str, list[float]] = {name: [] for name in programs}
            for _ in range(ROUNDS):
                for name, path in right.items():
                    values[name] += run(runner, self.target, path, candidates[name].args_info)
        finally:
            trials.close()
            for path in built.values():
                shutil.rmtree(Path(path).parent, ignore_errors=True)
        say(f"{self.case.name}: {len(right)} of {len(programs)} programs are right")
        return {name: seconds_of(each) for name, each in values.items()}


def _strategy(name: str) -> dict[str, Any]:
    """What `tune_tir` is given for a strategy; stock's has MetaSchedule's own model too."""
    from heron_ms._tvm import ms
    from heron_ms.strategies import strategy_of

    if name == STOCK:
        return {"strategy": ms.search_strategy.EvolutionarySearch(), "cost_model": "xgb"}
    make: Callable[[], Any] = strategy_of(name)
    return {"strategy": make()}


def _steps(found: Sequence[Found], seconds: Mapping[str, float], trials: int) -> tuple[float, ...]:
    """Seconds after each trial; infinite until something ran."""
    values = [inf] * trials
    for each in found:
        values[each.trial - 1 :] = [seconds[each.identity]] * (trials + 1 - each.trial)
    return tuple(values)
