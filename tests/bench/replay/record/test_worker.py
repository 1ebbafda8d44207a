"""A candidate that takes the worker's process with it costs that candidate alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.bench.replay.record.programs import NOT_BUILT, NOT_RUN, OK
from scripts.bench.replay.record.worker import Worker
from tests.bench.replay.record.fragile_child import serve


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "processes"


@pytest.fixture
def worker(notes: Path) -> Iterator[Worker]:
    made = Worker(notes, serve, timeout=1.5)
    yield made
    made.close()


def processes(notes: Path) -> list[str]:
    """The process of each try."""
    return notes.read_text().split()


def test_one_process_serves_many(worker: Worker, notes: Path) -> None:
    assert [worker.measure(0, [0]).kind for _ in range(3)] == [OK] * 3
    assert len(processes(notes)) == 3
    assert len(set(processes(notes))) == 1


@pytest.mark.parametrize(("wish", "kind", "tries"), [(1, NOT_BUILT, 1), (2, NOT_RUN, 2)])
def test_a_crash_is_a_failure_of_its_step(
    worker: Worker, notes: Path, wish: int, kind: int, tries: int
) -> None:
    outcome = worker.measure(0, [wish])
    assert (outcome.kind, outcome.why) == (kind, "crashed")
    assert worker.measure(0, [0]).kind == OK
    assert len(set(processes(notes))) == len(processes(notes)) == tries + 1


def test_a_hang_is_ended(worker: Worker) -> None:
    outcome = worker.measure(0, [3])
    assert (outcome.kind, outcome.why) == (NOT_RUN, "silent for 2 s")
    assert worker.measure(0, [0]).kind == OK


def test_what_fails_in_a_used_process_is_tried_in_a_fresh_one(worker: Worker, notes: Path) -> None:
    assert worker.measure(0, [0]).kind == OK
    assert worker.measure(0, [4]).kind == OK
    assert len(set(processes(notes))) == 2
