"""A search that is watched: its log in files, its workers shielded, ended by a signal at any time.

What is watched is a function and not the body of a context manager: a signal that ends a context
manager before it yields is an error of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from heron_ms._tvm import Target
from heron_ms.cli.process.interrupt import Interruptible, start_shielded
from heron_ms.cli.process.scratch import scratch
from heron_ms.cli.terminal.progress import SearchProgress
from heron_ms.cli.tune.heeding import Heeded, heeded
from heron_ms.cli.tune.logs import logged
from heron_ms.cli.tune.watch import TimedBuilder, TimedRunner, Watch
from heron_ms.events.bus import Listener, listening
from heron_ms.events.kinds import Event
from heron_ms.measure.device import Device


def _no_seconds() -> dict[str, float]:
    return dict.fromkeys(("prepare", "search", "build", "run"), 0.0)


@dataclass(frozen=True)
class Effort:
    """What a search cost and warned of; nothing where none was needed.

    database: as it is afterwards; None where none is open.
    unmaterialised: candidates that did not become programs. interrupted: whether a signal ended it.
    Seconds to "prepare" are those that TVM's own intrinsics take to load, and what the first batch
    waits for the worker processes, which start meanwhile.
    """

    seconds: dict[str, float] = field(default_factory=_no_seconds)
    unmaterialised: int = 0
    interrupted: bool = False
    warnings: Heeded = field(default_factory=Heeded)
    database: Any = None


_unfinished: list[Future[Any]] = []
"""Runners stopped in the middle: the last to free one's pool would be a thread of that pool, whose
attempt to join itself is a traceback on the terminal.
"""

Tuning = Callable[[Watch, Any, Any], Any]
"""Tunes with a watch, a builder and a runner; what it returns is the database."""


def watched(
    tune: Tuning,
    target: Target,
    work_dir: Path,
    progress: SearchProgress,
    *,
    device: Device,
    in_model: bool = False,
) -> Effort:
    """Tune until it returns or a signal ends it; what it took.

    ``device``: where programs run. ``in_model``: they find in the caches what they would in a
    model. Raises what `Device.require` does.
    """
    device.require(target)
    begun, database = perf_counter(), None
    interrupt, heard = Interruptible(), Heeded()
    watch = Watch(progress.phase, interrupt.check)
    logs = logged(work_dir)
    with (
        interrupt,
        logs,
        heeded(heard),
        scratch(),
        _started_builder(device) as builder,
        progress,
        listening(_checking(watch, progress)),
    ):
        runner = start_shielded(lambda: device.runner(target, in_model=in_model))
        _unfinished.append(runner)
        database = tune(watch, TimedBuilder(builder, watch), TimedRunner(runner, watch))
        _unfinished.remove(runner)
    seconds = watch.split(perf_counter() - begun)
    return Effort(seconds, watch.unmaterialised, interrupt.pressed, heard, database)


def _checking(watch: Watch, progress: SearchProgress) -> Listener:
    """The bar as a listener, after a look whether to stop."""

    def hear(event: Event) -> None:
        watch.check()
        progress(event)

    return hear


@contextmanager
def _started_builder(device: Device) -> Iterator[Future[Any]]:
    """A builder that is being started; its workers end with the context."""
    starting = start_shielded(device.builder)
    try:
        yield starting
    finally:
        starting.add_done_callback(_close)


def _close(started: Future[Any]) -> None:
    if started.exception() is None:
        started.result().close()
