"""The events of what is measured: from MetaSchedule's objects to flat fields."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, PrimFunc, Trace, derived_object, ms, structural_hash
from heron_ms.events.bus import is_heard, tell
from heron_ms.events.kinds import (
    BUILD,
    RUN,
    TIME_OUT,
    BatchBuilt,
    CandidateTried,
    FinalistMeasured,
    TaskSettled,
)
from heron_ms.measure.records import module_of, seconds_of
from heron_ms.sketch import sampling, trace_key

BUILD_SECONDS = "build_seconds"
"""The file beside what a builder made that says how long that took."""

_LONGEST = 300
"""Characters of an error that are told."""


def workload_id(mod: IRModule | PrimFunc) -> str:
    """What events call a program by."""
    return f"{structural_hash(module_of(mod)) % 2**64:016x}"


def sketch_id(trace: Trace) -> str:
    """What events call the sketch of a trace by."""
    return sha256(trace_key(trace).encode()).hexdigest()[:12]


def tell_candidate(
    context: Any, candidate: Any, error: str | None, seconds: Sequence[float] | None, **took: Any
) -> None:
    """Tell of a candidate that was built or run, or failed with an error; ``took``: see the event.

    seconds: the repeats of the measurement.
    """
    if not is_heard():
        return
    trace = candidate.sch.trace
    typical = seconds_of(seconds)
    tell(
        CandidateTried(
            task=str(context.task_name),
            sketch=sketch_id(trace),
            decisions=json.dumps([_plain(trace.get_decision(i)) for i in sampling(trace)]),
            seconds=_finite(typical),
            failure=None if error is None else _failure(error, built="build_seconds" in took),
            error=None if error is None else _told(error),
            **took,
        )
    )


def tell_finalist(mod: IRModule, before: float, seconds: Sequence[float]) -> None:
    """Tell that a program of a task was measured again; no seconds for a failure."""
    after = _finite(seconds_of(seconds))
    tell(FinalistMeasured(workload=workload_id(mod), seconds_before=before, seconds=after))


def tell_settled(mod: IRModule, seconds: float) -> None:
    """Tell what the fastest program of a task takes; infinite where none runs."""
    tell(TaskSettled(workload=workload_id(mod), seconds=_finite(seconds)))


def build_seconds(artifact: str) -> float | None:
    """How long it took to build something; None where the builder did not say."""
    try:
        return float(Path(artifact).with_name(BUILD_SECONDS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class _TellingBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """See `TellingBuilder`."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self._inner = inner

    def build(self, build_inputs: list[Any]) -> list[Any]:
        load, begun = os.getloadavg()[0], perf_counter()
        results = list(self._inner.build(build_inputs))
        took = perf_counter() - begun
        tell(BatchBuilt(candidates=len(build_inputs), build_seconds=took, load=load))
        return results


TellingBuilder: Any = derived_object(_TellingBuilder)
"""``TellingBuilder(inner)``: a builder that tells of each batch."""


def _failure(error: str, built: bool) -> str:
    if "timeout" in error.lower() or "killed after" in error:
        return TIME_OUT
    return RUN if built else BUILD


def _told(error: str) -> str:
    """The last line of a traceback, or what there is."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return (lines[-1] if lines else error)[:_LONGEST]


def _finite(seconds: float) -> float | None:
    return float(seconds) if np.isfinite(seconds) else None


def _plain(decision: Any) -> Any:
    if hasattr(decision, "__iter__"):
        return [int(part) for part in decision]
    return int(decision)
