"""A disk that is full while TVM writes: the run ends with a line, and nothing whole is lost."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import ms
from heron_ms.database.appending import appending_record
from heron_ms.database.child import verdicts
from heron_ms.database.files import RECORDS, WORKLOADS
from heron_ms.database.text import unsigned
from heron_ms.testing import small_runs
from heron_ms.work_dir import open_database

KEPT = "what was measured before is kept"


def _tune_with_space(folder: Path, name: str, space: int) -> str | None:
    """Tune in a process whose files may grow beyond the size of one by so many bytes at most."""

    def attempt(_: int) -> None:
        size = (folder / name).stat().st_size if (folder / name).exists() else 0
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + space, size + space))
        small_runs.tune(folder, 9)

    return verdicts(1, attempt)[0]


@pytest.mark.parametrize("space", [0, 1000, 5000])
def test_a_record_that_does_not_fit(copy: Any, space: int) -> None:
    before = copy.records.read_bytes()
    failure = _tune_with_space(copy.folder, RECORDS, space)
    assert failure == f"{copy.records} cannot be written to (is the disk full?); " + KEPT
    after = copy.records.read_bytes()
    assert after.startswith(before) and after.endswith(b"\n")
    assert len(after) - len(before) <= space
    assert copy.left()[: len(copy.kept)] == copy.kept and not copy.damaged.exists()


@pytest.mark.parametrize("space", [100, 1000])
def test_a_workload_that_does_not_fit(tmp_path: Path, space: int) -> None:
    failure = _tune_with_space(tmp_path, WORKLOADS, space)
    assert failure is not None and failure.endswith("(is the disk full?); " + KEPT)
    # Where not even the events fit, no database is made.
    files = [tmp_path / name for name in (WORKLOADS, RECORDS)]
    assert not any(file.read_bytes() for file in files if file.exists())


@pytest.mark.parametrize("missing", [1, 20, 33])
def test_a_checksum_that_does_not_fit_is_left_out(copy: Any, missing: int) -> None:
    """The record is whole without it, and gets it when there is space."""
    whole = copy.records.read_bytes()
    *lines, last = copy.lines(RECORDS)
    copy.records.write_bytes(b"".join(lines))

    def attempt(_: int) -> None:
        database = open_database(str(copy.folder))
        number, row = json.loads(last)
        workloads = [json.loads(line) for line in copy.lines(WORKLOADS)]
        workload = ms.database.Workload.from_json(workloads[number])
        record = ms.database.TuningRecord.from_json(row, workload)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) - missing, len(whole) - missing))
        with appending_record(database):
            database.commit_tuning_record(record)

    assert verdicts(1, attempt) == [None]
    assert copy.records.read_bytes() == b"".join([*lines, unsigned(last)])
    assert copy.left() == copy.kept and copy.records.read_bytes() == whole
