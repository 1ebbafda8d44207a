"""Harm to work directories: what crashes, computes something wrong, or loses a whole record.

    python -m scripts.bench mutilate --directories 200 --kills 50 --seed 0

Two small products of matrices are tuned on this CPU, with planted times. Copies of that directory
come to harm (bytes flipped, lines cut, files swapped), then are opened as `tune_tir` opens them,
in a process of their own, and the best kernels are compared with numpy. Then runs are killed with
SIGKILL at random moments, of tuning and of opening a harmed directory. A directory with a fault
stays in --out, beside what it was before it was opened, and the exit status is 1.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.progress import Progress

from heron_ms._preload import leave_out_gpus, preload_intrinsics
from heron_ms.database.child import verdicts
from heron_ms.testing import mutilate, small_runs, survival
from heron_ms.testing.mutilate import KINDS, UNSIGNED
from heron_ms.testing.survival import examine
from scripts.bench.harness.console import say
from scripts.bench.harness.options import add_seed, at_least
from scripts.bench.harness.report import Report

COLUMNS = ("directories", "whole", "crashes", "wrong", "lost", "changed")
HEAD = ("harm", "directories", "whole records", "crashes", "wrong kernels", "whole records lost",
        "changed records used")  # fmt: skip
TUNING, OPENING = "killed while tuning", "killed while opening after harm"
TRIALS, PAUSE = 10, 0.05
"""Trials of each case, and the seconds that one takes where the run is to be killed."""


def options(parser: ArgumentParser) -> None:
    """How much harm."""
    add = parser.add_argument
    add("--directories", type=at_least(0), default=200, metavar="N",
        help="that come to harm (default 200)")  # fmt: skip
    add("--kills", type=at_least(0), default=50, metavar="N", help="of runs (default 50)")
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """Makes, harms, opens, counts."""
    counts = _counts(arguments)
    rows = [(kind, *(count[column] for column in COLUMNS)) for kind, count in counts.items()]
    faulty = any(_is_faulty(kind, count) for kind, count in counts.items())
    return Report.joined({"harm": Report.of_table(HEAD, rows, sound=not faulty)})


def _counts(arguments: Namespace) -> dict[str, Counter[str]]:
    leave_out_gpus()
    preload_intrinsics()  # once, not in every child
    logging.disable(logging.CRITICAL)
    kinds = [list(KINDS)[n % len(KINDS)] for n in range(arguments.directories)]
    kinds += [(TUNING, OPENING)[n % 2] for n in range(arguments.kills)]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    with Progress(console=Console(stderr=True)) as progress:
        for number, kind in enumerate(progress.track(kinds, description="harming")):
            place, rng = arguments.out / str(number), Random(f"{arguments.seed} {number}")
            counts[kind] += _count(kind, place, arguments.out / "whole", rng)
    return counts


def _count(kind: str, place: Path, whole: Path, rng: Random) -> Counter[str]:
    """Harm a directory and open it; what came of it."""
    for folder in (place, _harmed(place)):
        shutil.rmtree(folder, ignore_errors=True)
    before, unharmed = _killed(place, rng) if kind == TUNING else _harm(kind, place, whole, rng)
    shutil.copytree(place, _harmed(place))
    result = place / "outcome.json"

    def attempt(_: int) -> None:
        result.write_text(json.dumps(asdict(examine(place, before, unharmed))))

    crash = verdicts(1, attempt)[0]
    outcome = {} if crash else json.loads(result.read_text())
    count = Counter(directories=1, whole=len(unharmed), crashes=int(crash is not None), **outcome)
    if _is_faulty(kind, count):
        say(f"{place}: {kind}: {crash or outcome}")
    else:
        shutil.rmtree(place)
        shutil.rmtree(_harmed(place))
    return count


def _harm(kind: str, place: Path, whole: Path, rng: Random) -> tuple[list[Any], list[Any]]:
    """A copy of a whole directory comes to harm; the records before, and what is left of them."""
    before = _made(whole)
    shutil.copytree(whole, place)
    harm = rng.choice(list(mutilate.KINDS)) if kind == OPENING else kind
    mutilate.mutilate(place, harm, rng)
    if harm == mutilate.UNSIGNED:
        before = [replace(record, checksum=b"") for record in before]
    unharmed = survival.whole(place, before)
    if kind == OPENING:
        small_runs.killed(
            partial(small_runs.opened, place), rng.uniform(0, _seconds_to_open(whole))
        )
    return before, unharmed


def _killed(place: Path, rng: Random) -> tuple[list[Any], list[Any]]:
    """A run in a new directory is killed; the records that it made."""
    place.mkdir()
    work = partial(small_runs.tune, place, TRIALS, PAUSE)
    small_runs.killed(work, rng.uniform(0, _seconds_to_tune(place.with_name("timed"))))
    made = survival.records(place)
    return made, made


@cache
def _made(whole: Path) -> list[Any]:
    """The records of the directory that is copied."""
    shutil.rmtree(whole, ignore_errors=True)
    _timed(partial(small_runs.tune, whole, TRIALS))
    return survival.records(whole)


@cache
def _seconds_to_tune(place: Path) -> float:
    shutil.rmtree(place, ignore_errors=True)
    return _timed(partial(small_runs.tune, place, TRIALS, PAUSE))


@cache
def _seconds_to_open(whole: Path) -> float:
    return _timed(partial(small_runs.opened, whole))


def _timed(work: Callable[[], object]) -> float:
    """How long it takes in a process of its own."""

    def attempt(_: int) -> None:
        work()

    begun = time.monotonic()
    failed = verdicts(1, attempt)[0]
    if failed:
        raise SystemExit(f"cannot even do it undisturbed: {failed}")
    return time.monotonic() - begun


def _is_faulty(kind: str, count: Counter[str]) -> bool:
    # What has no checksum may have been changed without a trace.
    signed = kind not in (UNSIGNED, OPENING)
    return any(count[column] for column in ("crashes", "wrong", "lost", *["changed"] * signed))


def _harmed(place: Path) -> Path:
    return place.with_name(f"{place.name}.harmed")
