"""A pool of the asked size, and the caller left as it was."""

from __future__ import annotations

import os
from threading import Event, Thread
from time import monotonic

import pytest

from heron_ms.hardware import physical_cpus
from heron_ms.measure.cpu.pool import run_with_threads, set_threads, settle


def _workers() -> int:
    from tvm.runtime import num_threads

    return int(num_threads())


@pytest.mark.parametrize("count", [1, len(physical_cpus())])
def test_the_pool_has_the_asked_size(count: int) -> None:
    assert run_with_threads(count, _workers) == count


def test_no_more_workers_than_cores() -> None:
    assert run_with_threads(10_000, _workers) == len(physical_cpus())


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no processor affinity here")
def test_the_caller_keeps_its_affinity() -> None:
    before = os.sched_getaffinity(0)
    inside = run_with_threads(1, lambda: (_workers(), os.sched_getaffinity(0))[1])
    assert inside == set(physical_cpus())
    assert os.sched_getaffinity(0) == before


def test_an_error_comes_through() -> None:
    def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run_with_threads(1, fail)


def test_no_threads() -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        set_threads(0)


def test_what_computes_is_waited_for_but_not_for_ever() -> None:
    ended = Event()

    def spin() -> None:
        while not ended.is_set():
            pass

    spinning, begun = Thread(target=spin), monotonic()
    spinning.start()
    settle()
    long = monotonic() - begun
    ended.set()
    spinning.join()
    begun = monotonic()
    settle()
    assert monotonic() - begun < 2 <= long
