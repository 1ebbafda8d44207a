"""The winner of each task has to compute what the task does, or it is none.

Its program and the task as it is, unscheduled, are called once with the same random data. One that
computes something else counts as a failure from then on, a warning names it, and the next best
takes its place, which may have to be measured again first. One that is right is marked in the file
of the records, so that a run that is taken up again does not compare it again.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from heron_ms._tvm import Cast, PrimFunc, Target, collect, structural_equal
from heron_ms.checking import Verdict, compared
from heron_ms.compiling import scheduled
from heron_ms.errors import TargetError, is_ctrl_c, last_line
from heron_ms.events.bus import phase, tell
from heron_ms.events.kinds import WRONG, CandidateTried
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.device import Device
from heron_ms.measure.finalists import fastest, measure_finalists
from heron_ms.measure.measuring import Tools
from heron_ms.measure.record_file import Line, RecordFile
from heron_ms.measure.records import module_of
from heron_ms.untuned import WrongWarning

logger = logging.getLogger(__name__)

FEW = 0.01
"""Of the elements of a function that rounds inside: so many may be off, as a sum that differs in
its last bit may be rounded to the next integer, which is one step, of whatever size, further on."""


def settle(
    work_dir: Path,
    tasks: Mapping[str, PrimFunc],
    tools: Tools,
    has_time: Callable[[], bool] = lambda: True,
) -> bool:
    """Measure the finalists of tasks again and compare the winners; whether any record changed.

    has_time: whether finalists may still be measured; winners are compared in any case.

    Nothing is compared where this machine does not run what is compiled for the target. Raises what
    `measure_finalists` raises.
    """
    changed = measure_finalists(work_dir, tasks.values(), tools, has_time)
    device = tools.device
    try:
        device.require(tools.target)
    except TargetError as error:
        logger.info("no winner is compared: %s", error)
        return changed
    file = RecordFile(work_dir)
    court = _Court(file, device, tools.target, _workloads(file, tasks))
    while _convicts(court):
        changed = True
        measure_finalists(work_dir, tasks.values(), tools, has_time)
    return changed


def _convicts(court: _Court) -> bool:
    with phase("compare"):
        return court.convicts()


def _workloads(file: RecordFile, tasks: Mapping[str, PrimFunc]) -> dict[int, tuple[str, Any]]:
    """The workloads of some tasks, by their numbers, with the names of the tasks."""
    return {
        number: (name, workload)
        for number, workload in file.workloads_of(tasks.values()).items()
        for name, func in tasks.items()
        if structural_equal(workload.mod, module_of(func))
    }


@dataclass(frozen=True)
class _Court:
    """Who compares the winners in a file on the target of the run."""

    file: RecordFile
    device: Device
    target: Target
    workloads: Mapping[int, tuple[str, Any]]

    def convicts(self) -> bool:
        """Compare the winners that nobody has compared; whether one was wrong."""
        found = {n: line.found(self._is_right(line)) for n, line in self._open().items()}
        if found:
            self.file.replace({n: line.text() for n, line in found.items()})
        return not all(line.right for line in found.values())

    def _open(self) -> dict[int, Line]:
        """The winners that were not found right, by the numbers of their lines."""
        records = self.file.records(self.workloads, self.target).values()
        winners = {n: group[n] for group in records for n in fastest(group)[:1]}
        return {n: line for n, line in winners.items() if not line.right}

    def _is_right(self, line: Line) -> bool:
        name, workload = self.workloads[line.workload]
        why = self._objection(line, workload)
        if why is not None:
            warnings.warn(WrongWarning(name, line.seconds, why), stacklevel=5)
            tell(CandidateTried(task=name, failure=WRONG, error=why))
        return why is None

    def _objection(self, line: Line, workload: Any) -> str | None:
        """What speaks against a program; None for a right one."""
        try:
            record = record_of(line.record, workload)
        except Exception as error:  # TVM has one of several for each mistake
            if is_ctrl_c(error):
                raise
            return last_line(error)
        return objection_to(record, self.device, self.target)


def objection_to(record: Any, device: Device, target: Target) -> str | None:
    """What speaks against the program of a record, which is called once; None for a right one."""
    [(_, func)] = record.workload.mod.functions_items()
    try:
        kernel = device.compile(scheduled(record), target)["main"]
        look = partial(compared, device, kernel, func, seed=0, step=float(rounds(func)))
        verdict = device.within(look)
    except Exception as error:  # as above
        if is_ctrl_c(error):
            raise
        return last_line(error)
    return str(verdict) if _is_wrong(verdict, func) else None


def rounds(func: PrimFunc) -> bool:
    """Whether a function makes integers of floats."""
    casts = collect(func.body, Cast)
    return any("int" in str(cast.ty) and "float" in str(cast.value.ty) for cast in casts)


def _is_wrong(verdict: Verdict, func: PrimFunc) -> bool:
    return verdict.wrong > (FEW * verdict.elements if rounds(func) else 0)
