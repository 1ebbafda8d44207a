"""What a work directory holds of one program on one target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import Schedule, Target, tvm_compile
from heron_ms.measure.records import best_record, records_for, seconds_of
from heron_ms.workloads import Gemm


@dataclass(frozen=True)
class Records:
    """All measurements, and the fastest (None where none worked)."""

    count: int
    failed: int
    best: Any | None
    seconds: float | None


def read(database: Any, gemm: Gemm, target: Target) -> Records:
    """What there is of a workload."""
    program = gemm.prim_func()
    times = [seconds_of(each.run_secs) for each in records_for(database, program, target)]
    failed = sum(not np.isfinite(each) for each in times)
    best = best_record(database, program, target)
    return Records(len(times), failed, best, None if best is None else seconds_of(best.run_secs))


def compile_record(record: Any, target: Target) -> Any:
    """The kernel of a record."""
    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    return tvm_compile(sch.mod, target=target)
