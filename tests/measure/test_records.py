"""The best record of a program: one whose trace does not replay is not it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from heron_ms._tvm import Schedule, Target, Trace, ms
from heron_ms.measure import records
from heron_ms.measure.records import best_record


def _trace(mod: Any, factor: int) -> Trace:
    sch = Schedule(mod)
    block = sch.get_child_blocks(sch.get_sblock("root"))[0]
    sch.split(sch.get_loops(block)[0], [None, factor])
    return sch.trace


def test_a_trace_that_does_not_replay_is_left_out(
    gemm: Callable[..., Any], dlboost: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    mod = gemm(64, 64, 64)
    good = _trace(mod, 4)
    torn = Trace(list(good.insts)[1:], {})
    database = ms.database.MemoryDatabase()
    workload = database.commit_workload(mod)
    for trace, seconds in ((torn, 1e-3), (good, 2e-3), (_trace(mod, 8), 3e-3)):
        record = ms.database.TuningRecord(trace, workload, [seconds], dlboost, [])
        database.commit_tuning_record(record)
    told: list[str] = []
    monkeypatch.setattr(records.logger, "warning", lambda text, *values: told.append(text % values))
    found = best_record(database, mod, dlboost)
    assert found is not None and [float(value) for value in found.run_secs] == [2e-3]
    assert len(told) == 1 and told[0].startswith("a record of 0.001 s does not replay")
