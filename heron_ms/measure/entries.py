"""What databases hold, record by record, as it is written: nothing is loaded into TVM.

So a database of any target, and of any size, is read in little time and by anybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from heron_ms.database.damage import Damage
from heron_ms.database.files import RECORDS, WORKLOADS, replace_file
from heron_ms.database.reading import read
from heron_ms.database.shape import hash_of
from heron_ms.database.text import Text
from heron_ms.errors import NoRecordError, WorkDirError
from heron_ms.measure.records import seconds_of
from heron_ms.work_dir import locked


@dataclass(frozen=True)
class Entry:
    """A record and its workload, from the database in a folder."""

    folder: Path
    workload: Text
    record: Text

    @cached_property
    def _row(self) -> list[Any]:
        row: list[Any] = json.loads(self.record.body)[1]
        return row

    @property
    def task(self) -> str:
        """The hash of the workload, which is the same in every database."""
        return (hash_of(self.workload.body) or b"").decode()

    @property
    def trace(self) -> Any:
        """Instructions and decisions."""
        return self._row[0]

    @property
    def run_secs(self) -> list[float]:
        """Seconds of each repeat."""
        return list(self._row[1] or [])

    @property
    def seconds(self) -> float:
        """What they amount to; infinite for a failure."""
        return seconds_of(self._row[1])

    @property
    def target(self) -> str:
        """The target as JSON, with its options in order."""
        return json.dumps(self._row[2], sort_keys=True)

    @property
    def arguments(self) -> str:
        """Types and shapes, as ``uint8[64,64] int32[64]``."""
        return " ".join(
            f"{dtype}[{','.join(map(str, shape))}]" for _, dtype, shape in self._row[3] or []
        )

    @property
    def content(self) -> tuple[str, bytes]:
        """The same for a copy of it in another database."""
        return self.task, self.record.numbered(0).body


@dataclass(frozen=True)
class Contents:
    """The entries of some databases, and the lines that could not be used, by their folders."""

    entries: list[Entry]
    damage: dict[Path, list[Damage]]


def contents_of(folders: Iterable[Path]) -> Contents:
    """Read databases, which stay as they are.

    Raises `NoRecordError` for a folder without one, `WorkDirError` where it cannot be read.
    """
    entries: list[Entry] = []
    damage: dict[Path, list[Damage]] = {}
    for folder in folders:
        if not (folder / WORKLOADS).exists() and not (folder / RECORDS).exists():
            raise NoRecordError(f"{folder} has no database: name a work directory of a tuning")
        reading = read(folder)
        for record in reading.records:
            workload = reading.workloads[record.number or 0]
            if workload is not None:
                entries.append(Entry(folder, workload, record))
        if reading.damage:
            damage[folder] = list(reading.damage)
    return Contents(entries, damage)


def distinct(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, each once; of two copies, one that was measured again or found right."""
    chosen: dict[tuple[str, bytes], Entry] = {}
    for entry in entries:
        before = chosen.setdefault(entry.content, entry)
        if (entry.record.right, entry.record.again) > (before.record.right, before.record.again):
            chosen[entry.content] = entry
    return list(chosen.values())


def best(entries: Iterable[Entry], most: int) -> list[Entry]:
    """The fastest few of each task on each target, among those that ran; in their order."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    kept = list(entries)
    for entry in kept:
        groups.setdefault((entry.task, entry.target), []).append(entry)
    chosen = {
        id(entry)
        for group in groups.values()
        for entry in sorted(group, key=lambda one: one.seconds)[:most]
        if entry.seconds < float("inf")
    }
    return [entry for entry in kept if id(entry) in chosen]


def write_new(folder: Path, entries: Iterable[Entry]) -> None:
    """Make a database of entries. Raises `WorkDirError` where there is one, or none can be."""
    with locked(str(folder)):
        if (folder / WORKLOADS).exists() or (folder / RECORDS).exists():
            raise WorkDirError(f"{folder} has a database already: name a new directory")
        numbers: dict[str, int] = {}
        workloads: list[bytes] = []
        records: list[bytes] = []
        for entry in entries:
            if entry.task not in numbers:
                numbers[entry.task] = len(workloads)
                workloads.append(entry.workload.signed().line())
            numbered = entry.record.numbered(numbers[entry.task])
            records.append(numbered.signed(entry.task.encode()).line())
        # A workload without a record does no harm, whenever this ends.
        replace_file(folder / WORKLOADS, b"".join(line + b"\n" for line in workloads))
        replace_file(folder / RECORDS, b"".join(line + b"\n" for line in records))


def keep_only(folder: Path, most: int) -> tuple[int, int]:
    """Drop all but the fastest few of each task and target; how many are kept, and were there.

    All workloads stay, so that a run that is taken up again finds its own. Raises `WorkDirError`
    where another process has the folder, or a line of it cannot be read.
    """
    with locked(str(folder)):
        contents = contents_of([folder])
        if contents.damage:
            raise WorkDirError(
                f"{folder} has lines that cannot be used: tune there once, or `merge` it to another"
            )
        kept = best(contents.entries, most)
        lines = [entry.record.signed(entry.task.encode()).line() for entry in kept]
        replace_file(folder / RECORDS, b"".join(line + b"\n" for line in lines))
    return len(kept), len(contents.entries)
