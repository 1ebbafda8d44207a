"""Processes beside this one, for what may crash or has to start anew."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager


def pool_of(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that import everything anew, and end at Ctrl-C without a word."""
    return ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_end_without_a_word
    )


@contextmanager
def fresh_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A `pool_of` processes of which none is left, however the block is left."""
    with pool_of(workers) as pool:
        try:
            yield pool
        except BaseException:
            kill_children()
            raise


def kill_children() -> None:
    """Ends all processes that multiprocessing has started."""
    for process in multiprocessing.active_children():
        process.kill()


def _end_without_a_word() -> None:
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
