"""Records the measurements behind `heron_ms.testing.replay`: searches are then compared exactly.

    python -m scripts.bench record [--only NAME] [--core N]
    python -m scripts.bench record --write heron_ms/testing/data

The first form measures on one core: the full sets one after the other in random order, so that no
drift of the machine looks like an effect of a variable, then the sampled sets in turns. Every
program is compared with numpy, then timed in repeats of at least a millisecond; what was disturbed
is measured again. Each result is on disk before the next is measured, and a run that was stopped
goes on where it was. The second form packs what is complete and has a table: sizes, failures,
how far the best is from the median, and how well a surrogate fitted to a sample predicts the rest.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._preload import preload_intrinsics
from heron_ms.csp import columns_of
from heron_ms.testing.replay_task import Task
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal
from scripts.bench.harness.options import add_only, at_least, folder, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.replay.record.cases import CASES, SAMPLES, Case, definition
from scripts.bench.replay.record.packing import pack
from scripts.bench.replay.record.settled import ATTEMPTS, Candidate, settled
from scripts.bench.replay.record.worker import Worker

CHUNK = 100
"""Candidates of one sampled set before the next has its turn."""
BLOCK = 50
"""Random solutions of each sketch that are drawn at once."""
SEED = 0


def options(parser: ArgumentParser) -> None:
    """Which sets, and whether they are measured or packed."""
    add = parser.add_argument
    add_only(parser, f"sets ({', '.join(case.name for case in CASES)})")
    add("--samples", type=at_least(1), default=SAMPLES, metavar="N",
        help=f"of each sampled set (default {SAMPLES})")  # fmt: skip
    add("--pause-while", type=Path, metavar="FILE", help="wait while it exists")
    add("--write", type=folder, metavar="DIR", help="pack into this folder, measure nothing")


def run(arguments: Namespace) -> Report:
    """Records, or packs what was recorded."""
    cases = [case for case in CASES if is_chosen(case.name, arguments.only)]
    if arguments.write is not None:
        return pack(cases, arguments.out, arguments.write)
    record(cases, arguments.out, arguments.samples, arguments.pause_while)
    return Report(f"recorded in {arguments.out}; --write packs it", [case.name for case in cases])


def record(cases: list[Case], folder: Path, samples: int, pause: Path | None = None) -> None:
    """Measure what the journals do not have yet."""
    preload_intrinsics()
    for case in cases:
        if case.full:
            for _ in _recording(case, folder, samples, pause):
                pass
    turns = [_recording(case, folder, samples, pause) for case in cases if not case.full]
    while turns:
        turns = [turn for turn in turns if next(turn, None) is not None]


def _recording(case: Case, folder: Path, samples: int, pause: Path | None) -> Iterator[int]:
    """Measures a case; yields how many are left after each chunk."""
    journal = Journal(folder / f"{case.name}.jsonl")
    wanted = _wanted(case, folder, samples)
    worker = Worker(folder / f"{case.name}.definition.json")
    try:
        for _ in range(ATTEMPTS):
            done = settled(journal.records())
            left = [candidate for candidate in wanted if candidate not in done]
            say(f"{case.name}: {len(wanted)} candidates, {len(left)} to measure")
            yield from _pass(case, worker, journal, left, pause)
    finally:
        worker.close()


def _pass(
    case: Case, worker: Any, journal: Journal, left: list[Candidate], pause: Path | None
) -> Iterator[int]:
    """Measures candidates once each; yields how many are left after each chunk."""
    for start in range(0, len(left), CHUNK):
        begun, chunk = time.monotonic(), left[start : start + CHUNK]
        for candidate in chunk:
            while pause is not None and pause.exists():
                time.sleep(1.0)
            journal.append(_measured(worker, candidate))
        took, rest = (time.monotonic() - begun) / len(chunk), len(left) - start - len(chunk)
        say(f"{case.name}: {rest} left, {took:.3f} s each, {rest * took / 60:.0f} min")
        yield rest


def _measured(worker: Any, candidate: Candidate) -> dict[str, Any]:
    outcome = worker.measure(candidate.sketch, list(candidate.values))
    if outcome.why:
        say(candidate, outcome.why)
    return {
        "sketch": candidate.sketch,
        "values": list(candidate.values),
        "kind": int(outcome.kind),
        "seconds": [float(f"{took:.5g}") for took in outcome.seconds],
        "why": outcome.why,
    }


def _wanted(case: Case, folder: Path, samples: int) -> list[Candidate]:
    """All solutions of a full set, shuffled, or an equal share of random ones for each sketch."""
    task = Task.from_json(definition(case, folder))
    wanted: dict[Candidate, None] = {}
    for block in count():
        # Blocks of their own seeds: more samples later go on from those that were taken.
        wanted.update(dict.fromkeys(_block(task, block)))
        if case.full or len(wanted) >= samples:
            break
    return list(wanted)


def _block(task: Any, block: int) -> list[Candidate]:
    """A full set as a whole, or a few random solutions of each sketch; shuffled."""
    rng = np.random.default_rng((SEED, block))
    found = []
    for number, sketch in enumerate(task.constrained):
        share = sketch.problem.count() if task.full else BLOCK
        assert share is not None, f"{task.name}: sketch {number} has too many solutions to count"
        rows = sketch.problem.sample_array(share, rng)
        values = columns_of(sketch.problem, task.names(number), rows).tolist()
        found += [Candidate(number, tuple(point)) for point in values]
    return [found[at] for at in rng.permutation(len(found))]
