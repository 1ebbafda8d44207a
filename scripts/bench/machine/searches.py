"""Searches on this machine, and what each would have returned after so many trials, timed again.

A search is a work directory of `heron_ms.tune_tir`, so a stopped one goes on. Each program that
would have been returned at some time (`winners`) is compared with numpy and timed in turns
with all others of its case.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any

import heron_ms
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.cpu.builder import local_runner
from heron_ms.measure.measuring import Tools
from heron_ms.measure.record_file import RecordFile
from heron_ms.measure.records import seconds_of
from heron_ms.measure.running import run
from heron_ms.strategies import strategy_of
from heron_ms.work_dir import open_database
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal
from scripts.bench.harness.trials import Trials
from scripts.bench.machine.winners import winners
from scripts.bench.replay.record.cases import Case
from scripts.bench.replay.searches import Curve, Search
from scripts.bench.replay.stock import NAME as STOCK
from scripts.bench.replay.stock import quiet, stock_search

ROUNDS = 16
"""How often each program is timed."""
TIMEOUT = 60.0
SEED = 0
"""Of the data that programs compute on."""

Timed = Mapping[str, float]
"""Seconds by the identity of a program."""


@dataclass(frozen=True)
class Program:
    """A record of a search."""

    line: Any
    workload: Any

    @property
    def identity(self) -> str:
        """The same for the same program of a case."""
        return sha256(repr(self.line.record[0]).encode()).hexdigest()[:16]

    def candidate(self) -> Any:
        """It as MetaSchedule measures it."""
        record = record_of(self.line.record, self.workload)
        return record.as_measure_candidate()


@dataclass(frozen=True)
class MachineCase:
    """One case on this machine, with one core; ``folder`` has what was searched and timed."""

    case: Case
    target: Any
    folder: Path

    @property
    def workload(self) -> Any:
        """The case's workload."""
        return OPERATORS[self.case.operator].of(self.case.sizes, weight=self.case.weight)

    @cached_property
    def _tools(self) -> Any:
        return Tools(self.target, None, None)

    def search(self, search: Search) -> None:
        """Search, or go on with what an earlier run left of it."""
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
                **_strategy(search),
            )

    def curves(self, searches: Sequence[Search]) -> list[Curve]:
        """The seconds of what each search would have returned after every trial.

        Between two marks that is what it was at the first of them.
        """
        returned = {search: self._returned(search) for search in searches}
        programs = [program for steps in returned.values() for program in steps.values() if program]
        seconds = self._timed({program.identity: program for program in programs})
        return [Curve(search, _filled(steps, seconds)) for search, steps in returned.items()]

    def _place(self, search: Search) -> Path:
        return self.folder / self.case.name / f"{search.strategy}-{search.seed}"

    def _returned(self, search: Search) -> dict[int, Program | None]:
        """By mark. Decided once, and kept."""
        journal = Journal(self.folder / "winners.jsonl")
        known = journal.find(asdict(search))
        if known is None:
            say(f"{search.objective} {search.strategy}, seed {search.seed}: measuring finalists")
            winner_of_mark = winners(self._place(search), search.trials, self._tools)
            known = {**asdict(search), "winners": list(winner_of_mark.items())}
            journal.append(known)
        file = RecordFile(self._place(search))
        lines, workloads = list(file.lines().values()), file.workloads()
        return {
            mark: None if at is None else Program(lines[at], workloads[lines[at].workload])
            for mark, at in known["winners"]
        }

    def _timed(self, programs: Mapping[str, Program]) -> Timed:
        """Infinite seconds for what is wrong or fails. Kept for when the same ones are asked."""
        journal = Journal(self.folder / "timed.jsonl")
        wanted = {"case": self.case.name, "programs": sorted(programs)}
        known = journal.find(wanted)
        if known is None:
            say(f"{self.case.name}: timing {len(programs)} programs in turns")
            known = {**wanted, "seconds": self._time(programs)}
            journal.append(known)
        return dict(known["seconds"])

    def _time(self, programs: Mapping[str, Program]) -> Timed:
        trials = Trials(self.workload, self.target, SEED, TIMEOUT)
        built: dict[str, str] = {}
        try:
            candidates = {name: program.candidate() for name, program in programs.items()}
            built |= {
                name: trials.build(candidate.sch.mod) for name, candidate in candidates.items()
            }
            right = {name: path for name, path in built.items() if trials.check(path).right}
            say(f"{self.case.name}: {len(right)} of {len(programs)} programs are right")
            timed = self._in_turns(right, candidates)
        finally:
            trials.close()
            for path in built.values():
                shutil.rmtree(Path(path).parent, ignore_errors=True)
        return {name: timed.get(name, inf) for name in programs}

    def _in_turns(self, built: Mapping[str, str], candidates: Mapping[str, Any]) -> Timed:
        runner = local_runner(self.target)
        rounds: dict[str, list[float]] = {name: [] for name in built}
        for _ in range(ROUNDS):
            for name, path in built.items():
                given = candidates[name].args_info
                rounds[name].append(seconds_of(run(runner, self.target, path, given)))
        # What disturbs a machine takes longer than a round, and only ever adds.
        return {name: min(times) for name, times in rounds.items()}


def _filled(steps: Mapping[int, Program | None], seconds: Timed) -> tuple[float, ...]:
    """Seconds after each trial up to the last mark; infinite while nothing ran."""
    best: list[float] = []
    for mark, program in steps.items():
        best += best[-1:] * (mark - 1 - len(best))
        best.append(inf if program is None else seconds[program.identity])
    return tuple(best)


def _strategy(search: Search) -> dict[str, Any]:
    """What `tune_tir` is given for the strategy of a search."""
    if search.strategy == STOCK:
        return stock_search(search.seed)
    return {"strategy": strategy_of(search.strategy)()}
