"""The command line answers signals from the first moment, while Python still imports TVM.

Nothing heavy may be imported here, and a handler may not print: it may have interrupted a print.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from types import FrameType
from typing import NoReturn

BEGUN = perf_counter()
"""When this process began, nearly."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to end, and can be answered."""

cleanups: list[Callable[[], None]] = []
"""What is to be done before the process ends in the middle of something."""

_MODULES = {"heron_ms", "heron_ms.cli"}


def is_command() -> bool:
    """Whether this process is ``heron-ms`` or ``python -m heron_ms``."""
    program = sys.argv[0] if sys.argv else ""
    as_module = program == "-m" and not _MODULES.isdisjoint(sys.orig_argv)
    # pathlib takes milliseconds, in which a signal would go unanswered.
    return as_module or os.path.basename(program) == "heron-ms"  # noqa: PTH119


def answer_signals() -> None:
    """From now on a signal ends this process with a line; one that is ignored stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def words(number: int) -> str:
    """How a line begins that says what a signal ended."""
    name = signal.Signals(number).name
    return "interrupted" if number == signal.SIGINT else f"interrupted by {name}"


def leave(status: int) -> NoReturn:
    """End the process at once, its workers and temporary files with it.

    The usual way would first finish every build that is still queued.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for cleanup in cleanups:
        cleanup()
    for stream in (sys.stdout, sys.stderr):
        # The terminal may be gone, and a handler may have interrupted a print.
        with suppress(OSError, RuntimeError):
            stream.flush()
    os._exit(status)


def _end(number: int, frame: FrameType | None) -> None:
    line = f"heron-ms: {words(number)}: nothing was lost, run the same command again\n"
    with suppress(OSError):  # the terminal may be gone
        os.write(2, line.encode())
    leave(128 + number)


if is_command():
    answer_signals()
