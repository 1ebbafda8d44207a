"""Builds, checks and times the programs of one recorded set, in a process that may crash.

The child says what it is about to do before each step, so that a crash has a kind too. It is
replaced after a crash, and now and then, as compiled programs are never given back.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.bench.replay.record.programs import NOT_MATERIALISED, NOT_RUN, WRONG, Outcome, Programs

RENEW = 500
"""Programs that one process compiles."""
TIMEOUT = 60.0
"""Seconds without a word from the child, after which it counts as hung; between two words it builds
or times one program."""
START = 300.0
"""The same for its start, which imports TVM and derives nothing."""

Serve = Callable[[Any, Path], None]


class Worker:
    """A child process for one set; starts at the first candidate.

    ``serve`` is what runs in the child, which says "ready", then answers each (sketch, values) with
    the kinds that it would fail as, step by step, and an `Outcome`. ``timeout``: seconds without a
    word from it.
    """

    def __init__(
        self, definition: Path, serve: Serve | None = None, timeout: float = TIMEOUT
    ) -> None:
        self._definition, self._serve, self._timeout = definition, serve or serve_set, timeout
        self._process: Any = None
        self._pipe: Any = None
        self._done = 0

    def measure(self, sketch: int, values: list[int]) -> Outcome:
        """What becomes of a candidate; a crash is tried again in a fresh process."""
        outcome = self._try(sketch, values)
        # An earlier program may have harmed the process that this one ran in.
        return self._try(sketch, values) if outcome.kind in (NOT_RUN, WRONG) else outcome

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _try(self, sketch: int, values: list[int]) -> Outcome:
        self._begin()
        self._pipe.send((sketch, values))
        kind = NOT_MATERIALISED
        while True:
            word, last = self._hear(kind)
            if isinstance(word, Outcome):
                self._done += 1
                if last or word.kind in (NOT_RUN, WRONG):
                    self.close()
                return word
            kind = word

    def _hear(self, kind: int) -> tuple[Any, bool]:
        """The next word of the child; the kind it was at, and that it is gone, if none comes."""
        try:
            if self._pipe.poll(self._timeout):
                return self._pipe.recv(), False
            return Outcome(kind, why=f"silent for {self._timeout:.0f} s"), True
        except (EOFError, OSError):
            return Outcome(kind, why="crashed"), True

    def _begin(self) -> None:
        if self._process is not None and self._done >= RENEW:
            self.close()
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, child = context.Pipe()
        self._process = context.Process(
            target=self._serve, args=(child, self._definition), daemon=True
        )
        self._process.start()
        child.close()
        self._done = 0
        if not (self._pipe.poll(START) and self._pipe.recv() == "ready"):
            raise RuntimeError(f"the worker of {self._definition} does not start")


def serve_set(pipe: Any, definition: Path) -> None:
    """The child of a real set."""
    programs = Programs(definition)
    pipe.send("ready")
    while True:
        try:
            sketch, values = pipe.recv()
        except EOFError:
            return
        pipe.send(programs.measure(sketch, values, pipe.send))
