"""Worker processes that stay, each of which does one task after the other.

TVM's `PopenWorker` starts one in two seconds, and MetaSchedule's builder starts all of them anew
for each batch, because LLVM leaves memory behind in them. Here a worker is replaced when it has
grown, or has done some hundred tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import psutil
from tvm.support.popen_pool import PopenWorker

TASKS = 400
"""Tasks that a worker does before it is replaced."""
GROWTH = 200 * 2**20
"""Bytes that a worker may grow by, since its first task, before it is replaced."""


class Worker:
    """A process that is started for its first task, and begins with an initializer."""

    def __init__(self, initializer: Callable[[], None]) -> None:
        self._process = PopenWorker(initializer)
        self._done = 0
        self._first = 0

    def run(self, work: Callable[..., Any], arguments: tuple[Any, ...], timeout: float) -> Any:
        """What a function returns in the process, to which it travels by value.

        Raises what the function raises, TimeoutError after so many seconds, and ChildProcessError
        where the process ended; then the next task gets another one.
        """
        try:
            self._process.send(work, arguments, timeout=timeout)
            return self._process.recv()
        finally:
            self._done += 1
            self._replace_if_worn()

    def close(self) -> None:
        """End the process; another task would start another one."""
        self._process.kill()
        self._done = self._first = 0

    @property
    def pid(self) -> int | None:
        """Of the process; None where none runs."""
        return int(self._process._proc.pid) if self._process.is_alive() else None

    def _replace_if_worn(self) -> None:
        size = _bytes(self.pid)
        self._first = self._first or size
        if not size or self._done >= TASKS or size - self._first > GROWTH:
            self.close()


class Workers:
    """Some workers, for many tasks at once."""

    def __init__(self, count: int, timeout: float, initializer: Callable[[], None]) -> None:
        self._all = [Worker(initializer) for _ in range(count)]
        self._timeout = timeout
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count)

    def map(
        self,
        work: Callable[..., Any],
        tasks: Iterable[tuple[Any, ...]],
        timeout: float | None = None,
    ) -> list[Any]:
        """For each tuple of arguments what the function returns, or the exception it ended in.

        timeout: seconds of each task, where it is another one than usual.
        """
        seconds = self._timeout if timeout is None else timeout
        return list(self._threads.map(lambda given: self._attempt(work, given, seconds), tasks))

    def close(self) -> None:
        """End all processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.close()

    def _attempt(self, work: Callable[..., Any], arguments: tuple[Any, ...], timeout: float) -> Any:
        worker = self._idle.get()
        try:
            return worker.run(work, arguments, timeout)
        except Exception as error:  # one task's own
            return error
        finally:
            self._idle.put(worker)


def _bytes(pid: int | None) -> int:
    """The resident memory of a process; 0 where there is none."""
    try:
        return 0 if pid is None else int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
