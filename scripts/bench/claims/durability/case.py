"""One run that something happens to, what is left of it, and the run that goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import sleep

import psutil

from heron_ms._starting import SIGNALS
from heron_ms.database.files import RECORDS
from heron_ms.testing.loopback import Loopback, loopback
from scripts.bench.claims.durability.faults import PLAIN, Fault, Moment
from scripts.bench.claims.durability.kept import held, reported

HANGS = 300.0
"""Seconds after which a command is said to hang."""

POLL = 0.005
"""Seconds between two looks at the records."""

OUTLIVES = 20.0
"""Seconds that workers have to notice that their parent is gone."""

CRASHES = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGILL, -signal.SIGBUS)


@dataclass(frozen=True)
class Outcome:
    """What came of a run: candidates, and the exit statuses of the command.

    told: that it said were measured; lost: those of them, or of its records, that have no record in
    the end; again: that were measured twice in all; records: once the command went on; wrong: what
    else is not as it ought to be, in words.
    """

    told: int
    lost: int
    again: int
    records: int
    ends: list[int]
    wrong: str

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, measured again or wrong."""
        return not (self.lost or self.again or self.wrong)


@dataclass(frozen=True)
class Aim:
    """A moment of a search: so many records are written, and some seconds more have passed."""

    records: int
    pause: float

    def reached(self, process: subprocess.Popen[bytes], records: Path) -> bool:
        """Wait for it; false where the process ends first."""
        while process.poll() is None:
            if _lines(records) >= self.records:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(self.pause)
                break
            sleep(POLL)
        return process.poll() is None


@dataclass(frozen=True)
class Case:
    """A command without its work directory and trials, and what happens to it.

    seconds: that it takes if nothing happens.
    """

    command: tuple[str, ...]
    work_dir: Path
    trials: int
    fault: Fault
    rng: Random
    seconds: float

    @property
    def log(self) -> Path:
        """Where the command prints to, and says where it crashed."""
        return self.work_dir.with_suffix(".log")

    def outcome(self) -> Outcome:
        """Run, strike, look, go on, and look again; the work directory is new."""
        shutil.rmtree(self.work_dir, ignore_errors=True)
        self.work_dir.mkdir(parents=True)
        ends = [self._struck()]
        told, there = reported(self.work_dir), held(self.work_dir)
        if ends[0]:
            ends.append(self._run(PLAIN))
        after = held(self.work_dir)
        return Outcome(
            told.total(),
            max((told - there).total(), (there - after).total()),
            max(map(_repeated, (reported(self.work_dir), after))),
            after.total(),
            ends,
            self._objection(ends, after.total()),
        )

    def _struck(self) -> int:
        """The exit status of the run that something happens to."""
        program = self.fault.program(self.rng.randint(1, self.trials))
        aim = Aim(self.rng.randrange(self.trials), self.rng.uniform(0, self.seconds / self.trials))
        if not self.fault.of_server:
            return self._run(program, aim)
        with loopback(2) as servers:
            return self._run(program, aim, servers)

    def _run(
        self, program: tuple[str, ...], aim: Aim | None = None, servers: Loopback | None = None
    ) -> int:
        """Run a command to its end; where there is an aim, something happens then."""
        words = [*program, *self.command, "--trials", str(self.trials)]
        words += ["--work-dir", str(self.work_dir)]
        words += ["--tracker", servers.address, "--key", servers.tracker.key] if servers else []
        with _started(words, self.log) as process:
            if aim is None or not aim.reached(process, self.work_dir / RECORDS):
                return process.wait(HANGS)
            workers = psutil.Process(process.pid).children(recursive=True)
            self.fault.strike(Moment(process, self.work_dir, self.rng, servers))
            status = process.wait(HANGS)
            _, alive = psutil.wait_procs(workers, OUTLIVES)
            if alive:
                raise RuntimeError(f"{len(alive)} workers outlive the command")
            return status

    def _objection(self, ends: list[int], records: int) -> str:
        """What is not as it ought to be, beside candidates."""
        if ends[-1] != 0:
            return f"the command ends with {ends}"
        if ends[0] and not self.fault.ends:
            return f"the command ended with {ends[0]}"
        crashed = [end for end in ends if end in CRASHES]
        if crashed:
            return f"the command crashed: {signal.Signals(-crashed[0]).name}"
        return "" if records == self.trials else f"{records} records of {self.trials} trials"


@contextmanager
def _started(words: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python with these words, as in a terminal; it does not outlive the block."""
    with (
        log.open("ab") as file,
        subprocess.Popen(
            [sys.executable, *words],
            env={**os.environ, "NO_COLOR": "1", "PYTHONFAULTHANDLER": "1"},
            stdout=file,
            stderr=file,
            preexec_fn=_as_in_a_terminal,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _as_in_a_terminal() -> None:
    """What a shell starts in the background is deaf to Ctrl-C."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.is_file() else 0


def _repeated(candidates: Counter[tuple[str, str, str]]) -> int:
    return candidates.total() - len(candidates)
