"""What is seen of a search while it runs: seconds building and running, candidates lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.cli.interrupt import start_shielded


@dataclass
class Watch:
    """Tallies of one search.

    ``on_phase`` is told what it is doing; ``check`` raises when it ought to stop.
    """

    on_phase: Callable[[str], None]
    check: Callable[[], None]
    seconds: dict[str, float] = field(default_factory=lambda: {"build": 0.0, "run": 0.0})
    unmaterialised: int = 0

    @contextmanager
    def phase(self, name: str, words: str) -> Iterator[None]:
        """Count the time inside as the builder's or the runner's."""
        self.check()
        self.on_phase(words)
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += perf_counter() - start
            self.on_phase("searching")

    def candidate(self, materialised: bool) -> None:
        """Count a candidate of the search."""
        self.check()
        self.unmaterialised += not materialised


class _TimedBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """Passes everything on to another builder."""

    def __init__(self, inner: Any, watch: Watch) -> None:
        super().__init__()
        self._inner, self._watch = inner, watch

    def build(self, build_inputs: list[Any]) -> list[Any]:
        with self._watch.phase("build", f"building {len(build_inputs)}"):
            return list(start_shielded(lambda: self._inner.build(build_inputs)).result())


class _TimedRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """Passes everything on to another runner, whose results are there when it returns."""

    def __init__(self, inner: Any, watch: Watch) -> None:
        super().__init__()
        self._inner, self._watch = inner, watch

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        with self._watch.phase("run", "running"):
            return list(self._inner.run(runner_inputs))


TimedBuilder: Any = derived_object(_TimedBuilder)
TimedRunner: Any = derived_object(_TimedRunner)
