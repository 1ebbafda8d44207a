"""The events of a work directory, read back, also while a run is writing them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from heron_ms.errors import EventsError
from heron_ms.events.file import NAME
from heron_ms.events.kinds import VERSION

Row = dict[str, Any]


def read_events(work_dir: Path) -> list[Row]:
    """The events of all runs, in their order, each a dict of flat fields.

    A last line that is not written to its end is left out. Raises `EventsError` where there is no
    file of events, and for a line that is none or of a later version.
    """
    path = work_dir / NAME
    if not path.is_file():
        raise EventsError(
            f"{work_dir} has no {NAME}: name the work directory of a run of `heron-ms tune` or "
            "`heron-ms tune-model`"
        )
    try:
        *lines, _ = path.read_bytes().split(b"\n")
    except OSError as error:
        raise EventsError(f"{path} cannot be read: {error.strerror}") from error
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1)]
    if not rows:
        raise EventsError(f"{path} holds no event yet: wait until the run has begun")
    return rows


def of_kind(rows: Iterable[Row], kind: str) -> Iterator[Row]:
    """The events of a kind."""
    return (row for row in rows if row["event"] == kind)


def _row(path: Path, number: int, line: bytes) -> Row:
    try:
        row = json.loads(line)
        version = row["version"]
        row["event"], row["run"], row["time"]
    except (ValueError, KeyError, TypeError) as error:
        raise EventsError(
            f"{path}, line {number} is no event ({line[:40]!r}): remove that line"
        ) from error
    if version != VERSION:
        raise EventsError(
            f"{path}, line {number} is of version {version}, and this heron-ms reads {VERSION}"
        )
    return dict(row)
