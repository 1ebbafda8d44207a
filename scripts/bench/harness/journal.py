"""Results that survive a kill."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Journal:
    """Results as JSON lines, each on disk before the next one is measured."""

    path: Path

    def records(self) -> list[Record]:
        """All that is there; a line cut short by a kill is left out."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text().splitlines()
        return [record for record in map(_parsed, lines) if record]

    def append(self, record: Record) -> None:
        """Adds one result and waits until the disk has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            # A leading line break: the line before may have been cut short by a kill.
            file.write("\n" + json.dumps(record))
            file.flush()
            os.fsync(file.fileno())

    def find(self, wanted: Mapping[str, Any]) -> Record | None:
        """The latest record that has all these entries."""
        matches = (record for record in reversed(self.records()) if _has(record, wanted))
        return next(matches, None)


def _parsed(line: str) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _has(record: Record, wanted: Mapping[str, Any]) -> bool:
    return all(record.get(name) == value for name, value in wanted.items())
