"""The recorder's bookkeeping: what is measured again, what counts, and what is packed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heron_ms.testing.replay import RecordedObjective
from heron_ms.testing.replay_set import RecordedSet
from scripts.bench.harness.journal import Journal
from scripts.bench.replay.record.cases import Case
from scripts.bench.replay.record.packing import pack
from scripts.bench.replay.record.settled import ATTEMPTS, Candidate, counting, settled

STEADY = [1.0, 1.0, 1.01, 1.02, 9.0]
DISTURBED = [1.0, 1.0, 1.5, 1.6, 9.0]


def record(values: list[int], seconds: list[float], kind: int = 0) -> dict[str, Any]:
    return {"sketch": 0, "values": values, "kind": kind, "seconds": seconds, "why": ""}


def test_only_what_was_disturbed_is_measured_again() -> None:
    records = [record([1], STEADY), record([2], DISTURBED), record([3], [], kind=2)]
    assert settled(records) == {Candidate(0, (1,)), Candidate(0, (3,))}
    assert Candidate(0, (2,)) in settled([*records, record([2], STEADY)])
    assert Candidate(0, (2,)) in settled([record([2], DISTURBED)] * ATTEMPTS)


@pytest.mark.parametrize("order", [1, -1])
def test_the_steadiest_measurement_counts(order: int) -> None:
    records = [record([2], DISTURBED), record([2], STEADY), record([2], [], kind=3)][::order]
    assert counting(records) == {Candidate(0, (2,)): record([2], STEADY)}


@pytest.fixture
def journal(full: RecordedSet, tmp_path: Path) -> Journal:
    """A journal of the synthetic set, as the recorder would have left it."""
    name = full.task.name
    (tmp_path / f"{name}.definition.json").write_text(json.dumps(full.task.data))
    journal = Journal(tmp_path / f"{name}.jsonl")
    lines = [
        json.dumps({**record(values.tolist(), [seconds] * 5, int(kind)), "sketch": sketch})
        for sketch, part in enumerate(full.measured)
        for values, seconds, kind in zip(part.values, part.seconds, part.kinds, strict=True)
    ]
    journal.path.write_text("\n".join(lines))
    return journal


def case_of(full: RecordedSet) -> Case:
    task = full.task
    return Case(task.name, task.operator, task.sizes, task.weight, task.full)


def test_a_journal_becomes_an_objective(full: RecordedSet, journal: Journal) -> None:
    table = pack([case_of(full)], journal.path.parent, journal.path.parent / "packed").text
    assert f"| {full.task.name} | 2 | {full.size} |" in table
    packed = RecordedObjective.load(journal.path.parent / "packed" / f"{full.task.name}.npz")
    ours, theirs = RecordedObjective(full), packed
    drawn = ours.space.sample(10_000, np.random.default_rng(0))
    assert np.allclose(ours.seconds(drawn), theirs.seconds(drawn), rtol=1e-6)


def test_a_full_set_that_is_not_complete_is_left_out(full: RecordedSet, journal: Journal) -> None:
    lines = journal.path.read_text().splitlines()
    journal.path.write_text("\n".join(lines[:-1]))
    to = journal.path.parent / "packed"
    pack([case_of(full)], journal.path.parent, to)
    assert not to.exists()
