"""What is seen of a search while it runs: where the time goes, candidates lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.cli.process.interrupt import start_shielded
from heron_ms.errors import WorkerError
from heron_ms.measure.coming import as_they_come, in_one_place


@dataclass
class Watch:
    """Tallies of one search.

    ``on_phase`` is told what it is doing; ``check`` raises when it ought to stop.
    """

    on_phase: Callable[[str], None]
    check: Callable[[], None]
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    unmaterialised: int = 0

    @contextmanager
    def phase(self, name: str, words: str) -> Iterator[None]:
        """Count the time inside as that of "prepare", "build" or "run"."""
        self.check()
        self.on_phase(words)
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += perf_counter() - start
            self.on_phase("searching")

    def started(self, starting: Future[Any]) -> Any:
        """What is being started, when it is there. Raises `WorkerError` where its process ended."""
        try:
            if starting.done():
                return starting.result()
            with self.phase("prepare", "preparing"):
                return starting.result()
        except ChildProcessError as error:
            raise WorkerError(
                "a worker process ended while it started: is there enough memory? Run it again"
            ) from error

    def split(self, whole: float) -> dict[str, float]:
        """Seconds of each phase out of as many in all; what is in no other is "search"."""
        prepare, build, run = (self.seconds[phase] for phase in ("prepare", "build", "run"))
        search = whole - prepare - build - run
        return {"prepare": prepare, "search": search, "build": build, "run": run}

    def candidate(self, materialised: bool) -> None:
        """Count a candidate of the search."""
        self.check()
        self.unmaterialised += not materialised


class _TimedBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """Passes everything on to another builder, once that has started."""

    def __init__(self, inner: Future[Any], watch: Watch) -> None:
        super().__init__()
        self._inner, self._watch = inner, watch

    def build(self, build_inputs: list[Any]) -> list[Any]:
        builder = self._watch.started(self._inner)
        with self._watch.phase("build", f"building {len(build_inputs)}"):
            return list(start_shielded(lambda: builder.build(build_inputs)).result())


class _TimedRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """The same for a runner, whose results are there when it returns."""

    def __init__(self, inner: Future[Any], watch: Watch) -> None:
        super().__init__()
        self._inner, self._watch = inner, watch

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        runner = self._watch.started(self._inner)
        with self._watch.phase("run", "running"):
            return list(runner.run(runner_inputs))

    def as_they_come(self, runner_inputs: list[Any]) -> Iterator[tuple[int, Any]]:
        runner = self._watch.started(self._inner)
        coming = as_they_come(runner, runner_inputs)
        for _ in runner_inputs:
            with self._watch.phase("run", "running"):
                result = next(coming)
            yield result

    @contextmanager
    def in_one_place(self) -> Iterator[Any]:
        with in_one_place(self._watch.started(self._inner)) as alone:
            there: Future[Any] = Future()
            there.set_result(alone)
            yield TimedRunner(there, self._watch)


TimedBuilder: Any = derived_object(_TimedBuilder)
TimedRunner: Any = derived_object(_TimedRunner)
