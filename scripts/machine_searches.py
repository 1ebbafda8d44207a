"""Searches on this machine, and what each would have returned after every trial, timed again.

A search is a work directory of `heron_ms.tune_tir`, so a stopped one goes on. What a user gets is
not the lowest of hundreds of short measurements, but the best of the finalists, measured again
(`heron_ms.measure.finalists`). So each program that was a finalist at some time is compared with
numpy and timed in turns with all others of its case: some rounds decide between the finalists, the
others say what the winner takes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any

from common import Journal, say
from record_replay_cases import Case
from replay_runs import Curve, Search
from replay_stock import NAME as STOCK
from replay_stock import quiet, stock_search

DECIDING, JUDGING = 3, 8
"""Rounds of timing that choose among finalists, and that tell how fast the chosen one is."""
TIMEOUT = 60.0
SEED = 0
"""Of the data that programs compute on."""

Timed = Mapping[str, tuple[float, float]]
"""Seconds by the identity of a program: those that decide, and those that judge."""


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
        import heron_ms
        from heron_ms.work_dir import open_database

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
        """The seconds of what each search would have returned after every trial."""
        found = {each: list(self._finalists(each)) for each in searches}
        seconds = self._timed(
            {p.identity: p for steps in found.values() for step in steps for p in step}
        )
        return [
            Curve(search, tuple(winner(step, seconds) for step in steps))
            for search, steps in found.items()
        ]

    def _place(self, search: Search) -> Path:
        return self.folder / self.case.name / f"{search.strategy}-{search.seed}"

    def _finalists(self, search: Search) -> Iterator[list[Program]]:
        """After each trial, the records that would be measured again."""
        from heron_ms.measure.finalists import fastest
        from heron_ms.measure.record_file import RecordFile

        file = RecordFile(self._place(search))
        workloads = file.workloads()
        kept: dict[int, Any] = {}
        for number, line in list(file.lines().items())[: search.trials]:
            kept[number] = line
            kept = {n: kept[n] for n in fastest(kept)}
            yield [Program(each, workloads[each.workload]) for each in kept.values()]

    def _timed(self, programs: Mapping[str, Program]) -> Timed:
        """Infinite seconds for what is wrong or fails. Kept for when the same ones are asked."""
        journal = Journal(self.folder / "timed.jsonl")
        wanted = {"case": self.case.name, "programs": sorted(programs)}
        known = journal.find(wanted)
        if known is None:
            say(f"{self.case.name}: timing {len(programs)} programs in turns")
            known = {**wanted, "seconds": self._time(programs)}
            journal.append(known)
        return {name: (decides, judges) for name, (decides, judges) in known["seconds"].items()}

    def _time(self, programs: Mapping[str, Program]) -> Timed:
        from trials import Trials

        trials = Trials(self.workload, self.target, SEED, TIMEOUT)
        built: dict[str, str] = {}
        try:
            candidates = {name: each.candidate() for name, each in programs.items()}
            built |= {name: trials.build(each.sch.mod) for name, each in candidates.items()}
            right = {name: path for name, path in built.items() if trials.check(path).right}
            say(f"{self.case.name}: {len(right)} of {len(programs)} programs are right")
            timed = self._in_turns(right, candidates)
        finally:
            trials.close()
            for path in built.values():
                shutil.rmtree(Path(path).parent, ignore_errors=True)
        return {name: timed.get(name, (inf, inf)) for name in programs}

    def _in_turns(self, built: Mapping[str, str], candidates: Mapping[str, Any]) -> Timed:
        from heron_ms.measure.builder import local_runner
        from heron_ms.measure.records import seconds_of
        from heron_ms.measure.running import run

        runner = local_runner(self.target)
        rounds: dict[str, list[list[float]]] = {name: [] for name in built}
        for _ in range(DECIDING + JUDGING):
            for name, path in built.items():
                given = candidates[name].args_info
                rounds[name].append(run(runner, self.target, path, given))
        return {
            # What disturbs a machine takes longer than a round, and only ever adds.
            name: (seconds_of(sum(each[:DECIDING], [])), min(map(seconds_of, each[DECIDING:])))
            for name, each in rounds.items()
        }


def winner(finalists: Sequence[Program], seconds: Timed) -> float:
    """The seconds of the finalist that is measured the fastest; infinite where there is none."""
    return min((seconds[each.identity] for each in finalists), default=(inf, inf))[1]


def _strategy(search: Search) -> dict[str, Any]:
    """What `tune_tir` is given for the strategy of a search."""
    from heron_ms.strategies import strategy_of

    if search.strategy == STOCK:
        return stock_search(search.seed)
    return {"strategy": strategy_of(search.strategy)()}
