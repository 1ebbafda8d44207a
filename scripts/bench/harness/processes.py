"""Processes beside this one, for what may crash or has to start anew."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager


def pool_of(workers: int) -> ProcessPoolExecutor:
    """A pool of processes that import everything anew, and leave Ctrl-C to this one."""
    return ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=leave_it_to_the_parent
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


def leave_it_to_the_parent() -> None:
    """Has this process, a child, not hear Ctrl-C: were it gone first, its parent would complain."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_without_a_word() -> None:
    """Has Ctrl-C end this process, a child, silently: its parent says what there is to say."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
