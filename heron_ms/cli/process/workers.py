"""The worker processes of a command that ends in the middle: none of them outlives it."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import Event
from typing import Any

PASSES = 3
"""A thread may be about to start one: it takes some looks to see that there is none left."""


def end_workers() -> None:
    """Kill every process that this one has started, and start no other from then on."""
    import psutil

    pools = sys.modules.get("tvm.support.popen_pool")
    if pools is not None:
        # A pool starts a new worker for every build that is queued, as soon as one ends.
        pools.PopenWorker._start = _wait_for_the_end
    for _ in range(PASSES):
        workers = psutil.Process().children(recursive=True)
        for worker in workers:
            _kill(worker)
        psutil.wait_procs(workers, timeout=1)


def _wait_for_the_end(worker: Any) -> None:
    Event().wait()


def _kill(worker: Any) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):
        worker.kill()
