"""Rows of a table: made once, and none begun when the time is over."""

from __future__ import annotations

from pathlib import Path

from scripts.bench.harness.journal import Record
from scripts.bench.harness.rows import Rows

FIRST, SECOND = {"number": 1}, {"number": 2}


def _make(identity: Record, out: Path) -> Record:
    return {"twice": 2 * identity["number"]}


def test_no_row_is_begun_when_the_time_is_over(tmp_path: Path) -> None:
    assert Rows(_make, tmp_path).all_of([FIRST, SECOND], 0.0) == []
    made = [{**FIRST, "twice": 2}, {**SECOND, "twice": 4}]
    assert Rows(_make, tmp_path).all_of([FIRST, SECOND], 60.0) == made


def test_what_was_made_before_is_there_then_too(tmp_path: Path) -> None:
    [made] = Rows(_make, tmp_path).all_of([SECOND])
    assert Rows(_make, tmp_path).all_of([FIRST, SECOND], 0.0) == [made]
