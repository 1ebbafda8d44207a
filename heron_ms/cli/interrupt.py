"""Ctrl-C while TVM runs: it comes out of TVM as an empty RuntimeError, so it has to be remembered.

The worker processes must not get it: they would fail what they are at, with a traceback. A blocked
signal is inherited by threads and child processes, so they are started where it is blocked.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, TypeVar

Result = TypeVar("Result")


class Interruptible:
    """A context that ends quietly on Ctrl-C; ``pressed`` tells afterwards."""

    def __init__(self) -> None:
        self.pressed = False
        self._previous: Any = None

    def __enter__(self) -> Interruptible:
        # A background job of a script is started with it ignored, and is to go on.
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        if threading.current_thread() is threading.main_thread() and not ignored:
            self._previous = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
        if isinstance(error, KeyboardInterrupt):
            self.pressed = True
        return self.pressed and isinstance(error, (KeyboardInterrupt, RuntimeError))

    def check(self) -> None:
        """Raise again what somebody took for an error of TVM and went on after."""
        if self.pressed:
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        raise KeyboardInterrupt


@contextmanager
def shielded() -> Iterator[None]:
    """Processes and threads that are started inside never get a Ctrl-C."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_shielded(work: Callable[[], Result]) -> Future[Result]:
    """Call a function in a thread that is shielded, while the caller goes on and takes Ctrl-C."""
    with shielded():
        executor = ThreadPoolExecutor(max_workers=1)
        future = executor.submit(work)
    executor.shutdown(wait=False)
    return future
