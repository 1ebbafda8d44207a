"""Loading lines as TVM does, and a look at what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, ms, tirx, trace_json
from heron_ms.database.child import verdicts
from heron_ms.database.text import Text

EQUALITIES = ("structural", "ignore-tensor", "anchor-block")
"""Ways of MetaSchedule to tell workloads apart, each with a hash of its own."""


def try_workloads(bodies: Sequence[bytes]) -> list[str | None]:
    """Why each workload cannot be used; None for one that can."""
    return verdicts(len(bodies), lambda n: _load_workload(bodies[n]))


def try_records(bodies: Sequence[bytes], workloads: Sequence[bytes]) -> list[str | None]:
    """Why each record, of the workload at the same place, cannot be used; None for one that can."""
    return verdicts(len(bodies), lambda n: _load_record(bodies[n], workloads[n]))


def empty_workload(number: int) -> bytes:
    """A workload that does nothing, another one for each number."""
    function = PrimFunc([], tirx.Evaluate(tirx.IntImm("int32", number)))
    workload = ms.database.Workload(IRModule({"main": function}))
    return json.dumps(workload.as_json(), separators=(",", ":")).encode()


def _load_workload(body: bytes) -> None:
    _loaded(body, b"")
    row = json.loads(body)
    mod = ms.database.Workload.from_json(row).mod
    # TVM does not compare the two.
    if row[0] not in (_hash(mod, equality) for equality in EQUALITIES):
        raise ValueError("its program is not the one that its hash is of")


def _hash(mod: Any, equality: str) -> str:
    database = ms.database.MemoryDatabase(module_equality=equality)
    return str(database.commit_workload(mod).as_json()[0])


def _load_record(body: bytes, workload: bytes) -> None:
    (record,) = _loaded(workload, Text(body).numbered(0).body).get_all_tuning_records()
    _, row = json.loads(body)
    # An impossible decision is replaced in silence.
    if _plain(trace_json(record.trace)[1]) != row[0][1]:
        raise ValueError("its decisions are none of its program")


def _loaded(*lines: bytes) -> Any:
    """A database of a workload and a record; other ways to load them refuse other lines."""
    with ExitStack() as files:
        paths = []
        for line in lines:
            file = files.enter_context(os.fdopen(os.memfd_create("line"), "wb"))
            file.write(line + b"\n" * bool(line))
            file.flush()
            paths.append(f"/proc/self/fd/{file.fileno()}")
        return ms.database.JSONDatabase(*paths, allow_missing=False)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if hasattr(value, "__len__") else int(value)
