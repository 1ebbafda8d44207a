"""The candidates of a validity row come from every sketch of every program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.claims import validity
from scripts.bench.harness.journal import Journal


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would be built; every second one fails."""
    spaces: list[Any] = []

    def build(space: Any, *_: Any) -> None:
        spaces.append(space)
        if len(spaces) % 2:
            raise ValueError("for a reason")

    monkeypatch.setattr(validity, "_try", build)
    monkeypatch.setitem(validity.CASES, "gemm", ((8, 16, 8),))
    return spaces


def test_the_candidates_come_from_all_sketches_and_failures_are_told(tried: list[Any]) -> None:
    found = validity.check(validity.Row("Arm dotprod", "gemm", 40))
    turns = [id(trial.sketch) for trial in tried]
    counts = [turns.count(turn) for turn in set(turns)]
    assert found["candidates"] == len(tried) == 40
    assert {trial.workload.weight for trial in tried} == {"kn", "nk"} and len(counts) > 2
    assert max(counts) - min(counts) <= 1
    assert "for a reason" in found["failure"] and not validity._sound(found)


def _crash(_row: Any) -> None:
    os.abort()


def test_a_crash_costs_its_row_and_is_not_written_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(validity, "check", _crash)
    journal = Journal(tmp_path / "validity.jsonl")
    found = validity._isolated(validity.Row("AVX2", "gemm", 5), journal)
    assert not validity._sound(found) and found["failure"] == "the process crashed"
    assert journal.records() == []
