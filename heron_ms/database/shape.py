"""Whether a line without a checksum has the shape of a workload or of a record.

A workload is its structural hash and its program in TVM's own form; a record is the number of its
workload and [trace, seconds, target, arguments].
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import TensorIntrin
from heron_ms.intrinsics.traces import make_known, names_in

_HASH = re.compile(rb'\["(\d+)","')
_START = re.compile(rb"\[\d+,\[")


def hash_of(body: bytes) -> bytes | None:
    """The hash that a workload starts with; None for what starts in another way."""
    match = _HASH.match(body)
    return match[1] if match else None


def as_workload(body: bytes) -> bytes:
    """A workload as TVM writes it. Raises ValueError, with what it is, for anything else."""
    row = _parsed(body)
    if not (len(row) == 2 and all(isinstance(part, str) for part in row) and row[0].isdigit()):
        raise ValueError("not a workload")
    return body if hash_of(body) else _written(row)


def as_record(body: bytes) -> bytes:
    """A record as TVM writes it. Raises ValueError, with what it is, for anything else."""
    row = _parsed(body)
    if not (len(row) == 2 and _is_number(row[0]) and isinstance(row[1], list) and len(row[1]) == 4):
        raise ValueError("not a record")
    seconds = row[1][1]
    if not (seconds is None or (isinstance(seconds, list) and all(map(_is_time, seconds)))):
        raise ValueError("its seconds are not positive numbers")
    return body if _START.match(body) else _written(row)


def unknown_intrinsic(body: bytes) -> str | None:
    """An intrinsic that a record names and nobody has registered."""
    trace = json.loads(body)[1][0]
    make_known(trace)
    names = names_in(trace)
    if any(not _is_known(name) for name in names):
        preload_intrinsics()  # MetaSchedule's own, which take seconds to load
    return next((name for name in sorted(names) if not _is_known(name)), None)


def _is_known(name: str) -> bool:
    return TensorIntrin.get(name, allow_missing=True) is not None


def _parsed(body: bytes) -> list[Any]:
    try:
        row = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(row, list):
        raise ValueError("no list")
    return row


def _is_number(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value) and value > 0


def _written(row: list[Any]) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode()
