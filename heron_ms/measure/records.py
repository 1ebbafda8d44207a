"""What a database says of a program: its records, and what a measurement amounts to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target, ms, structural_equal
from heron_ms.errors import is_ctrl_c, last_line
from heron_ms.hardware import target_of

logger = logging.getLogger(__name__)

FAILED = 1e10
"""What MetaSchedule records, in seconds, for a candidate that did not build or run."""


def seconds_of(run_secs: Sequence[Any] | None) -> float:
    """The lower quartile of a measurement in seconds; infinite for a failure.

    What disturbs a measurement only ever adds to it, so a low quantile tells programs apart that a
    median on a busy machine does not.
    """
    times = sorted(float(time) for time in run_secs or [])
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

    One whose trace does not replay on the program is left out, with a warning. Raises `TargetError`
    for what is no target of LLVM's.
    """
    target = target_of(target)
    records = records_for(database, mod, target)
    running = [record for record in records if np.isfinite(seconds_of(record.run_secs))]
    order = sorted(running, key=lambda record: seconds_of(record.run_secs))
    return next((record for record in order if _replays(record)), None)


def _replays(record: Any) -> bool:
    try:
        record.trace.apply_to_schedule(Schedule(record.workload.mod), remove_postproc=False)
    except Exception as error:  # TVM has one of several for each mistake
        if is_ctrl_c(error):
            raise
        took = seconds_of(record.run_secs)
        logger.warning("a record of %g s does not replay: %s", took, last_line(error))
        return False
    return True
