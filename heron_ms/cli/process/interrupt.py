"""Ctrl-C, SIGTERM and a terminal that is gone: each ends a command in a line.

The worker processes must not get these signals: they would fail what they are at, with a traceback.
A blocked signal is inherited by threads and child processes, so they are started where it is
blocked.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import threading
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from time import sleep
from traceback import walk_stack
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from heron_ms import _starting
from heron_ms._starting import SIGNALS
from heron_ms.letting_go import let_go

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

Result = TypeVar("Result")

PRINTED = (1, 2)
"""The streams of a process that people read."""

AGAIN = 0.05
"""Seconds until an interrupt that could not be raised is raised again."""

_last: int = signal.SIGINT


def status() -> int:
    """The exit status of what a signal ended, as a shell reports it: 128 and its number."""
    return 128 + _last


def words() -> str:
    """How a line begins that says what a signal ended."""
    return _starting.words(_last)


class Interruptible:
    """A context in which signals raise KeyboardInterrupt; ``pressed`` tells afterwards.

    With ``quiet`` that ends the context and goes no further. Python drops what is raised in a
    destructor or the callback of a weak reference, with a traceback, and a module of C that is
    interrupted while it is loaded may crash when it is used afterwards: there it is raised later.
    """

    def __init__(self, quiet: bool = True) -> None:
        self.pressed = False
        self._quiet = quiet
        self._thread = threading.get_ident()
        self._pending = False
        self._previous: dict[int, Any] = {}
        self._previous_hook: Callable[[UnraisableHookArgs], Any] | None = None

    def __enter__(self) -> Interruptible:
        if threading.current_thread() is threading.main_thread():
            self._previous_hook, sys.unraisablehook = sys.unraisablehook, self._drop
            # What is ignored stays so: a background job of a script, one under nohup.
            heard = [signum for signum in SIGNALS if signal.getsignal(signum) is not signal.SIG_IGN]
            self._previous = {signum: signal.signal(signum, self._press) for signum in heard}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._pending = False
        if self._previous_hook is not None:
            sys.unraisablehook = self._previous_hook
        for signum, previous in self._previous.items():
            signal.signal(signum, previous)
        if isinstance(error, KeyboardInterrupt):
            self.pressed = True
            let_go(error)
        return self._quiet and isinstance(error, KeyboardInterrupt)

    def check(self) -> None:
        """Raise again what somebody took for an error of TVM and went on after."""
        if self.pressed:
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        global _last
        _last, self.pressed, self._pending = number, True, False
        if number == signal.SIGHUP:
            _give_up_terminal()
        if not _is_loading(frame):
            raise KeyboardInterrupt
        self._press_later()

    def _drop(self, unraisable: UnraisableHookArgs) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            self._press_later()
        elif self._previous_hook is not None:
            self._previous_hook(unraisable)

    def _press_later(self) -> None:
        self._pending = True
        # Not one of `threading`, which may be what is interrupted, and holds its lock.
        start_new_thread(self._press_again, ())

    def _press_again(self) -> None:
        sleep(AGAIN)
        if self._pending:
            signal.pthread_kill(self._thread, _last)


def _is_loading(frame: FrameType | None) -> bool:
    """Whether a module of C is being loaded, or what that imports in turn."""
    callers = (each.f_locals.get("self") for each, _ in walk_stack(frame))
    return any(isinstance(caller, ExtensionFileLoader) for caller in callers)


def hang_up(error: OSError) -> None:
    """Take an error of printing to a terminal that is gone for the signal that follows it."""
    if error.errno == errno.EIO:
        # What is printed is refused a moment before the terminal is seen to be gone.
        sleep(AGAIN)
        if any(map(_lost, PRINTED)):
            signal.raise_signal(signal.SIGHUP)


def _give_up_terminal() -> None:
    """Send what is still printed nowhere, if its terminal is gone: it would be an error."""
    for stream in filter(_lost, PRINTED):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def _lost(stream: int) -> bool:
    """Whether a stream went to a terminal that is gone."""
    to, nowhere = os.fstat(stream), Path(os.devnull).stat()
    is_device = stat.S_ISCHR(to.st_mode) and to.st_rdev != nowhere.st_rdev
    return is_device and not os.isatty(stream)


@contextmanager
def shielded() -> Iterator[None]:
    """Processes and threads that are started inside never get a signal to end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_shielded(work: Callable[[], Result]) -> Future[Result]:
    """Call a function in a thread that is shielded, while the caller goes on and takes signals.

    The context (`contextvars`) is the caller's.
    """
    with shielded():
        executor = ThreadPoolExecutor(max_workers=1)
        future = executor.submit(copy_context().run, work)
    executor.shutdown(wait=False)
    return future
