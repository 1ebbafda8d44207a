"""Work directories that came to harm: none crashes, none is wrong, no whole record is lost.

The benchmark `mutilate` does the same two hundred times, and kills runs at fifty moments.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from heron_ms.database.child import verdicts
from heron_ms.testing import small_runs, survival
from heron_ms.testing.mutilate import KINDS, UNSIGNED, mutilate


@pytest.fixture(scope="module")
def right(whole: Path) -> set[str]:
    """The traces of all programs, each of which was run."""
    traces = survival.right_traces(whole)
    assert len(traces) == len(survival.records(whole))
    return traces


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_whole_is_used(copy: Any, right: set[str], kind: str, seed: int) -> None:
    mutilate(copy.folder, kind, Random(f"{kind} {seed}"))
    before = (
        [replace(record, checksum=b"") for record in copy.kept] if kind == UNSIGNED else copy.kept
    )
    unharmed = survival.whole(copy.folder, before)
    result = copy.folder / "outcome.json"

    def examine(_: int) -> None:
        outcome = survival.examine(copy.folder, before, unharmed, right)
        result.write_text(json.dumps(asdict(outcome)))

    assert verdicts(1, examine) == [None]
    outcome = json.loads(result.read_text())
    # A change of a line without a checksum may leave no trace.
    assert kind == UNSIGNED or outcome["changed"] == 0
    assert (outcome["wrong"], outcome["lost"]) == (0, 0)


def test_harm_is_done_and_seen(copy: Any) -> None:
    """The checks above can fail."""
    assert survival.whole(copy.folder, copy.kept) == copy.kept
    lines = copy.lines("database_tuning_record.json")
    copy.records.write_bytes(lines[0].replace(b"7", b"8") + b"".join(lines[2:]))
    assert survival.whole(copy.folder, copy.kept) == copy.kept[2:]
    assert survival.examine(copy.folder, copy.kept[1:], copy.kept[1:]) == survival.Outcome(0, 1, 0)


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9])
def test_what_a_killed_run_measured_is_used(tmp_path: Any, seconds: float) -> None:
    small_runs.killed(lambda: small_runs.tune(tmp_path, 20, pause=0.01), seconds)
    measured = survival.records(tmp_path)
    assert survival.examine(tmp_path, measured, measured) == survival.Outcome(0, 0, 0)
