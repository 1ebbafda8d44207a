"""What a database says of a program: its records, and what a measurement amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, PrimFunc, Target, ms, structural_equal
from heron_ms.hardware import target_of

FAILED = 1e10
"""What MetaSchedule records, in seconds, for a candidate that did not build or run."""


def seconds_of(run_secs: Sequence[Any] | None) -> float:
    """The lower quartile of a measurement in seconds; infinite for a failure.

    What disturbs a measurement only ever adds to it, so a low quantile tells programs apart that a
    median on a busy machine does not.
    """
    times = sorted(float(each) for each in run_secs or [])
    typical = times[len(times) // 4] if times else np.inf
    return typical if typical < FAILED / 10 else float(np.inf)


def module_of(mod: IRModule | PrimFunc) -> IRModule:
    """A program as a database knows it: a function becomes a module of its own."""
    return ms.tune_context._normalize_mod(mod) if isinstance(mod, PrimFunc) else mod


def records_for(database: Any, mod: IRModule | PrimFunc, target: Target) -> list[Any]:
    """The records of a program on its own target; TVM's queries ignore the target."""
    program = module_of(mod)
    return [
        record
        for record in database.get_all_tuning_records()
        if str(record.target) == str(target) and structural_equal(record.workload.mod, program)
    ]


def best_record(database: Any, mod: IRModule | PrimFunc, target: Any) -> Any | None:
    """The fastest record of a program on its own target; None if none of them ran.

    Raises `TargetError` for what is no target of LLVM's.
    """
    target = target_of(target)
    records = records_for(database, mod, target)
    running = [each for each in records if np.isfinite(seconds_of(each.run_secs))]
    return min(running, key=lambda each: seconds_of(each.run_secs), default=None)
