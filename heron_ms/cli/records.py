"""What a work directory holds of one program on one target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import Schedule, Target, ms, tvm_compile
from heron_ms.measure.records import records_for, seconds_of
from heron_ms.workloads import Gemm


@dataclass(frozen=True)
class Records:
    """All measurements, and the fastest (None where none worked)."""

    count: int
    failed: int
    best: Any | None
    seconds: float | None


def read(database: Any, gemm: Gemm, target: Target) -> Records:
    """Count the records of a workload."""
    task = ms.tune_context._normalize_mod(gemm.prim_func())
    records = records_for(database, task, target)
    times = [seconds_of(each.run_secs) for each in records]
    working = [p for p, each in enumerate(times) if np.isfinite(each)]
    if not working:
        return Records(len(records), len(records), None, None)
    best = min(working, key=times.__getitem__)
    return Records(len(records), len(records) - len(working), records[best], times[best])


def compile_record(record: Any, target: Target) -> Any:
    """The kernel of a record."""
    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    return tvm_compile(sch.mod, target=target)
