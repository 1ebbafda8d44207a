"""The files of a JSON database, line by line: TVM can add a record to one, but not change it.

A record that was measured again or found right is marked in its line. So what was decided is known
from the one file, which is replaced as a whole, however the process ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heron_ms._tvm import Target, ms, structural_equal
from heron_ms.database.appending import key_of_record
from heron_ms.database.files import RECORDS, WORKLOADS, replace_file
from heron_ms.database.text import Text
from heron_ms.errors import WorkDirError
from heron_ms.measure.records import FAILED, module_of, seconds_of


@dataclass(frozen=True)
class Line:
    """A record as it is written: the number of its workload, then trace, seconds, target, args."""

    workload: int
    record: list[Any]
    again: bool = False
    right: bool = False

    @property
    def run_secs(self) -> list[float]:
        """The values of the measurement, in seconds."""
        return list(self.record[1] or [])

    @property
    def seconds(self) -> float:
        """What they amount to; infinite for a failure."""
        return seconds_of(self.record[1])

    def is_for(self, target: Target) -> bool:
        """Whether it was measured on this target."""
        return str(Target(self.record[2])) == str(target)

    def measured_again(self, run_secs: list[float]) -> Line:
        """The line with other values."""
        trace, _, *rest = self.record
        return replace(self, record=[trace, run_secs, *rest], again=True)

    def found(self, right: bool) -> Line:
        """The line of a program that was compared; a wrong one is as one that failed."""
        return replace(self, right=True) if right else self.measured_again([FAILED])

    def text(self) -> bytes:
        """How it is written, but for its checksum."""
        body = json.dumps([self.workload, self.record], separators=(",", ":")).encode()
        return Text(body, self.again, right=self.right).line()


@dataclass(frozen=True)
class RecordFile:
    """The records and workloads in a work directory that this process has locked."""

    work_dir: Path

    @property
    def path(self) -> Path:
        """The file of the records."""
        return self.work_dir / RECORDS

    def size(self) -> int:
        """Bytes of records; 0 where there is no file."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def workloads(self) -> list[Any]:
        """The workloads, by their numbers."""
        text = (self.work_dir / WORKLOADS).read_text()
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [ms.database.Workload.from_json(row) for row in rows]

    def workloads_of(self, functions: Iterable[Any]) -> dict[int, Any]:
        """The workloads of some functions, by their numbers."""
        programs = [module_of(function) for function in functions]
        return {
            number: workload
            for number, workload in enumerate(self.workloads())
            if any(structural_equal(workload.mod, program) for program in programs)
        }

    def records(self, workloads: Iterable[int], target: Target) -> dict[int, dict[int, Line]]:
        """The records of workloads on a target, by workload and by the numbers of their lines."""
        found: dict[int, dict[int, Line]] = {number: {} for number in workloads}
        for number, line in self.lines().items():
            if line.workload in found and line.is_for(target):
                found[line.workload][number] = line
        return found

    def lines(self) -> dict[int, Line]:
        """The records, by the numbers of their lines. Raises `WorkDirError` for a broken one."""
        texts = self.path.read_bytes().split(b"\n")
        try:
            return {number: _line(text) for number, text in enumerate(texts) if text.strip()}
        except ValueError as error:
            raise WorkDirError(
                f"{self.path} has a line that is no record ({error}): is the disk full?"
            ) from error

    def replace(self, texts: Mapping[int, bytes]) -> None:
        """Put other texts in some lines, all at once. Raises `WorkDirError` for a full disk."""
        lines = self.path.read_bytes().split(b"\n")
        for number, text in texts.items():
            lines[number] = self._signed(text)
        replace_file(self.path, b"\n".join(lines))

    def _signed(self, text: bytes) -> bytes:
        key = key_of_record(text + b"\n", self.work_dir / WORKLOADS)
        return text if key is None else Text.of(text).signed(key).line()


def _line(text: bytes) -> Line:
    workload, record = json.loads(text)
    marks = Text.of(text)
    return Line(workload, record, marks.again, marks.right)
