"""What a work directory holds of one program on one target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, Target
from heron_ms.cli.terminal.patience import told
from heron_ms.hardware import Machine, for_target
from heron_ms.measure.records import best_record, records_for, seconds_of
from heron_ms.normalization import normalize
from heron_ms.workloads import Workload


@dataclass(frozen=True)
class Records:
    """All measurements, and the fastest (None where none worked)."""

    count: int
    failed: int
    best: Any | None
    seconds: float | None


@told("normalising the program")
def program_of(workload: Workload, machine: Machine) -> IRModule:
    """The program of a workload as it is tuned for a machine: normalised, named main."""
    return normalize(IRModule({"main": workload.prim_func()}), machine)


def read(database: Any, workload: Workload, target: Target) -> Records:
    """What there is of a workload."""
    program = program_of(workload, for_target(target))["main"]
    times = [seconds_of(record.run_secs) for record in records_for(database, program, target)]
    failed = sum(not np.isfinite(time) for time in times)
    best = best_record(database, program, target)
    return Records(len(times), failed, best, None if best is None else seconds_of(best.run_secs))
