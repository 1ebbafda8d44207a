"""Try in child processes what may end the process: TVM crashes on some lines instead of raising.

They are forked, so that they know the same intrinsics as this process and start at once.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import select
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

SHARE = 16
"""Attempts that are worth another child."""
PATIENCE = 60.0
"""Seconds that one attempt may take."""
CRASHED = "TVM crashes on it"

Attempt = Callable[[int], None]


def verdicts(count: int, attempt: Attempt) -> list[str | None]:
    """Why an attempt at each number below ``count`` fails, in words; None where it does not."""
    reasons: dict[int, str | None] = {}
    left = list(range(count))
    while left:
        step = max(SHARE, -(-len(left) // len(os.sched_getaffinity(0))))
        shares = [left[start : start + step] for start in range(0, len(left), step)]
        for share, reports in zip(shares, _attempted(shares, attempt), strict=True):
            # A child that ends early ended of what it did not report.
            reasons |= zip(share, [*reports, CRASHED], strict=False)
        left = [number for number in left if number not in reasons]
    return [reasons[number] for number in range(count)]


def _attempted(shares: Sequence[Sequence[int]], attempt: Attempt) -> list[list[str | None]]:
    with ExitStack() as children:
        pipes = [children.enter_context(_child(share, attempt)) for share in shares]
        return [[json.loads(line) for line in _lines(pipe)] for pipe in pipes]


@contextmanager
def _child(numbers: Sequence[int], attempt: Attempt) -> Iterator[int]:
    """A child that attempts some numbers, in order, as the pipe that it reports through."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python warns of forks beside threads. If the child waits for a lock that one of them had,
        # it is killed for its silence.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _report(numbers, attempt, writing)
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _lines(pipe: int) -> list[bytes]:
    """The whole lines that come through a pipe until it is closed, or nothing comes any more."""
    received = b""
    while select.select([pipe], [], [], PATIENCE)[0]:
        some = os.read(pipe, 65536)
        if not some:
            break
        received += some
    return received.split(b"\n")[:-1]


def _report(numbers: Sequence[int], attempt: Attempt, writing: int) -> None:
    """The life of a child: a line for each number."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Neither TVM nor Python is to print a stack where it crashes.
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for number in numbers:
            os.write(writing, json.dumps(_verdict(number, attempt)).encode() + b"\n")
    finally:
        os._exit(0)


def _verdict(number: int, attempt: Attempt) -> str | None:
    try:
        attempt(number)
    except Exception as error:
        return (str(error).strip().splitlines() or [type(error).__name__])[-1]
    return None
