"""The winner of each task has to compute what the task does, or it is none.

Its program and the task as it is, unscheduled, are called once with the same random data. One that
computes something else counts as a failure from then on, a warning names it, and the next best
takes its place, which may have to be measured again first. One that is right is marked in the file
of the records, so that a run that is taken up again does not compare it again.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from heron_ms._tvm import Cast, PrimFunc, Target, collect, ms
from heron_ms.checking import Verdict, compared
from heron_ms.compiling import scheduled
from heron_ms.errors import TargetError, is_ctrl_c, last_line
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_for
from heron_ms.measure.finalists import fastest, measure_finalists
from heron_ms.measure.measuring import Tools
from heron_ms.measure.record_file import Line, RecordFile
from heron_ms.untuned import WrongWarning

logger = logging.getLogger(__name__)

FEW = 0.01
"""Of the elements of a function that rounds inside: so many may be off, as a sum that differs in
its last bit may be rounded to the next integer, which is one step, of whatever size, further on."""


def settle(work_dir: Path, tasks: Mapping[str, PrimFunc], tools: Tools) -> bool:
    """Measure the finalists of tasks again and compare the winners; whether any record changed.

    Nothing is compared where this machine does not run what is compiled for the target. Raises what
    `measure_finalists` raises.
    """
    changed = measure_finalists(work_dir, tasks.values(), tools)
    device = device_for(tools.target)
    try:
        device.require(tools.target)
    except TargetError as error:
        logger.info("no winner is compared: %s", error)
        return changed
    court = _Court(RecordFile(work_dir), device, tools.target)
    while court.convicts(tasks):
        changed = True
        measure_finalists(work_dir, tasks.values(), tools)
    return changed


@dataclass(frozen=True)
class _Court:
    """Who compares the winners in a file on the target of the run."""

    file: RecordFile
    device: Device
    target: Target

    def convicts(self, tasks: Mapping[str, PrimFunc]) -> bool:
        """Compare the winners that nobody has; whether one was wrong."""
        right = [
            self._is_right(name, number, workload)
            for name, func in tasks.items()
            for number, workload in self.file.workloads_of([func]).items()
        ]
        return not all(right)

    def _is_right(self, name: str, number: int, workload: Any) -> bool:
        records = self.file.records(number, self.target)
        winner = next(iter(fastest(records)), None)
        if winner is None or records[winner].right:
            return True
        why = self._objection(records[winner], workload)
        if why is not None:
            warnings.warn(WrongWarning(name, records[winner].seconds, why), stacklevel=4)
        self.file.replace({winner: records[winner].found(why is None).text()})
        return why is None

    def _objection(self, line: Line, workload: Any) -> str | None:
        """What speaks against a program; None for a right one."""
        [(_, func)] = workload.mod.functions_items()
        try:
            record = ms.database.TuningRecord.from_json(line.record, workload)
            kernel = self.device.compile(scheduled(record), self.target)["main"]
            look = partial(compared, self.device, kernel, func, seed=0, step=float(rounds(func)))
            verdict = self.device.within(look)
        except Exception as error:  # TVM has one of several for each mistake
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
