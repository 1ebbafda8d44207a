"""How programs are measured on servers: MetaSchedule's RPC runner, set up as the local one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import ms
from heron_ms.measure.cpu.arguments import Note
from heron_ms.measure.cpu.builder import MILLISECONDS, initializer
from heron_ms.measure.servers.session import Evaluate, allocation, creation, tidying
from heron_ms.measure.servers.tracker import Tracker

SECONDS = 30.0
"""What a candidate may take on a server: uploading, filling its arguments and running."""
_MANY = 20
"""Candidates of as many seconds that a session may last for, where it is kept."""


@dataclass(frozen=True)
class How:
    """On how many ``threads`` programs run, for how many ``seconds`` at most.

    in_model: what a program's arguments but the first hold is flushed from the caches before each
    call. evaluate: what is done with a program on a server; by default it is timed.
    """

    threads: int
    in_model: bool = False
    seconds: float = SECONDS
    evaluate: Evaluate | None = None

    def runner(self, tracker: Tracker, workers: int, held: bool = False) -> Any:
        """An `RPCRunner` of so many worker processes.

        held: they keep their first session, instead of one for each candidate.
        """
        runner = ms.runner.RPCRunner(
            tracker.config(_MANY * self.seconds if held else self.seconds),
            self._repeats(),
            f_create_session=creation(self.threads, held),
            f_run_evaluator=self.evaluate,
            f_cleanup=tidying(),
            max_workers=workers,
            initializer=initializer({}),
        )
        # MetaSchedule gives its workers no time-out: a machine that hangs would be waited for.
        runner.pool._timeout = 2 * self.seconds
        return runner

    def _repeats(self) -> Any:
        """As on this CPU; with the caches of a model, one call at a time."""
        if self.in_model:
            return ms.runner.EvaluatorConfig(1, 15, 0, enable_cpu_cache_flush=True)
        return ms.runner.EvaluatorConfig(number=1, repeat=15, min_repeat_ms=MILLISECONDS)


def sent(runner: Any, runner_input: Any) -> Any:
    """The future of a candidate, with arguments as the note beside it says."""
    ranges = Note.beside(str(runner_input.artifact_path)).ranges
    runner.f_alloc_argument = allocation(ranges)
    return runner.run([runner_input])[0]
