"""The finalists of a search are measured again before one of them is named the winner.

A program is judged by one short measurement, and the lowest of hundreds is low by luck as well as
by merit. So the fastest few are measured once more, in alternating rounds, so that a disturbance
hits all of them alike; what they were chosen for is dropped. That goes on until the fastest program
is one that was measured again, or far ahead of the others: where many are about as fast, the next
one's luck is still to be tested.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import Target, ms
from heron_ms.errors import ServerLostError
from heron_ms.events.bus import phase
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.coming import in_one_place
from heron_ms.measure.disk_space import blame_the_disk
from heron_ms.measure.measuring import Tools
from heron_ms.measure.record_file import Line, RecordFile
from heron_ms.measure.records import FAILED
from heron_ms.measure.running import run
from heron_ms.measure.telling import tell_finalist, tell_settled

logger = logging.getLogger(__name__)

FINALISTS = 4
ROUNDS = 3
TOLERANCE = 0.10
"""By how much a finalist may be slower than the fastest.

The lower quartile of 15 repeats is uncertain by 3 to 5 % in nine of ten records on shared machines;
two of them differ by less than 10 % through that alone.
"""
PASSES = 8
"""How often the finalists are chosen, at most: a machine that has become slower since would
otherwise have every record measured again."""


def measure_finalists(
    work_dir: Path,
    functions: Iterable[Any],
    tools: Tools,
    has_time: Callable[[], bool] = lambda: True,
) -> bool:
    """Measure again the fastest records of each function in a JSON database; whether any changed.

    Where there is no time left, the rest are left as they are.

    Records of a single value are left as they are: what gives such has no noise. Raises
    `WorkDirError` where the file of the records cannot be written, and `WorkerError` where there is
    no space to build.
    """
    file = RecordFile(work_dir)
    workloads = file.workloads_of(functions)
    with phase("finalists"):
        records = file.records(workloads, tools.target)
        contests = [
            _Contest(file, workload, records[number], tools, has_time)
            for number, workload in workloads.items()
        ]
        changed = [contest.decide() for contest in contests]
    return any(changed)


def is_decided(work_dir: Path, functions: Iterable[Any], target: Target) -> bool:
    """Whether `measure_finalists` would measure nothing."""
    file = RecordFile(work_dir)
    workloads = file.workloads_of(functions)
    return not any(map(contenders, file.records(workloads, target).values()))


def contenders(lines: dict[int, Line]) -> dict[int, Line]:
    """The finalists that are still to be measured again; none where the winner is certain."""
    order = fastest(lines)
    open_ones = {n: lines[n] for n in order if not _settled(lines[n])}
    certain = len(order) < 2 or order[0] not in open_ones
    return {} if certain else open_ones


def fastest(lines: dict[int, Line]) -> list[int]:
    """The numbers of the finalists, best first; none where nothing ran."""
    # Of two that are alike to the digit, the one still to be measured comes first.
    order = sorted(lines, key=lambda n: (lines[n].seconds, _settled(lines[n])))[:FINALISTS]
    limit = lines[order[0]].seconds * (1 + TOLERANCE) if order else 0.0
    return [n for n in order if np.isfinite(limit) and lines[n].seconds <= limit]


def _settled(line: Line) -> bool:
    return line.again or len(line.run_secs) == 1


def _proven(records: dict[int, Line]) -> list[Line]:
    """The fastest that was measured again, if any: it runs, unless something is wrong by now."""
    proven = [line for line in records.values() if line.again and np.isfinite(line.seconds)]
    return sorted(proven, key=lambda line: line.seconds)[:1]


@dataclass(frozen=True)
class _Contest:
    """The records of one workload on the target of the run, by the numbers of their lines."""

    file: RecordFile
    workload: Any
    records: dict[int, Line]
    tools: Tools
    has_time: Callable[[], bool]

    def decide(self) -> bool:
        """Measure until the fastest was measured again; whether any record changed."""
        changed = self._settle(self.records)
        best = min((line.seconds for line in self.records.values()), default=float("inf"))
        tell_settled(self.workload.mod, best)
        return changed

    def _settle(self, records: dict[int, Line]) -> bool:
        """Take new measurements into the records, until it is decided; whether there were any."""
        for turn in range(PASSES):
            lines = contenders(records)
            if not lines or not self.has_time():
                return turn > 0
            try:
                results = self._measure([*lines.values(), *_proven(records)])
            except ServerLostError as error:
                logger.warning("%s: another one compares them", error)
                continue
            # Where none runs the machine is to blame, and what is known stands.
            if not any(results):
                return turn > 0
            # The proven one comes last, and keeps what it has.
            pairs = zip(lines.items(), results, strict=False)
            again = {n: self._again(line, r) for (n, line), r in pairs}
            self.file.replace({n: line.text() for n, line in again.items()})
            records |= again
        return True

    def _again(self, line: Line, seconds: list[float]) -> Line:
        tell_finalist(self.workload.mod, line.seconds, seconds)
        return line.measured_again(seconds or [FAILED])

    def _measure(self, lines: Sequence[Line]) -> list[list[float]]:
        """The values of all rounds of each; none for one that failed in every round."""
        logger.info("measuring %d finalists again", len(lines))
        records = [record_of(line.record, self.workload) for line in lines]
        candidates = [record.as_measure_candidate() for record in records]
        inputs = [
            ms.builder.BuilderInput(candidate.sch.mod, self.tools.target)
            for candidate in candidates
        ]
        built = self.tools.builder.build(inputs)
        try:
            with in_one_place(self.tools.runner) as runner:
                rounds = [
                    [self._run(runner, *pair) for pair in zip(built, candidates, strict=True)]
                    for _ in range(ROUNDS)
                ]
        finally:
            _remove(built)
        return [list(chain.from_iterable(values)) for values in zip(*rounds, strict=True)]

    def _run(self, runner: Any, built: Any, candidate: Any) -> list[float]:
        """One round of one finalist; empty for a failure."""
        if built.error_msg:
            blame_the_disk(built.error_msg)
            return []
        artifact = str(built.artifact_path)
        return run(runner, self.tools.target, artifact, candidate.args_info)


def _remove(built: Iterable[Any]) -> None:
    for result in built:
        if result.artifact_path is not None:
            with suppress(OSError):
                ms.utils.remove_build_dir(str(result.artifact_path))
