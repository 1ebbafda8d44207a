"""A work directory: one run at a time, and a record that was cut short does not spoil the rest."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from heron_ms.database.text import unsigned
from heron_ms.errors import WorkDirError
from heron_ms.work_dir import locked, open_database


def test_a_second_run_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    def take() -> None:
        with locked(str(tmp_path)):
            pass

    with ThreadPoolExecutor(1) as other:
        with locked(str(tmp_path)):
            take()  # its own thread may take it again
            with pytest.raises(WorkDirError, match="in use"):
                other.submit(take).result()
        other.submit(take).result()


def test_a_torn_record_is_dropped(tmp_path: Path) -> None:
    open_database(str(tmp_path))
    records = tmp_path / "database_tuning_record.json"
    records.write_text('[0, [[["GetSBl')
    assert open_database(str(tmp_path)).get_all_tuning_records() == []
    assert records.read_text() == ""


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"\n" + b.replace(b"\n", b"\n\n")])
def test_newlines_that_an_editor_took_or_gave_are_mended(
    tmp_path: Path, gemm: Callable[..., Any], damage: Callable[[bytes], bytes]
) -> None:
    open_database(str(tmp_path)).commit_workload(gemm(16, 16, 16))
    file = tmp_path / "database_workload.json"
    before = file.read_bytes()
    file.write_bytes(damage(before))
    open_database(str(tmp_path)).commit_workload(gemm(16, 16, 32))
    assert unsigned(file.read_bytes()).startswith(before)
    open_database(str(tmp_path))
