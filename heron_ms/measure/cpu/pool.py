"""TVM's thread pool, sized for the cores a kernel is meant to use.

Every thread that runs parallel kernels has a pool of its own, made at its first one. By itself it
has TVM_NUM_THREADS workers, or half as many as there are logical processors (one, on two cores
without SMT), ignores the affinity of the process, and pins the thread that it belongs to.

Workers spin for up to a second after their last kernel, also where their thread has ended: then
beside those of the next pool, whose kernels take two or three times as long. `settle` waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, process_time, sleep
from typing import TypeVar

from heron_ms.hardware import physical_cpus

Result = TypeVar("Result")

# kSpecifyThreadShareAllCore of TVM's threading_backend.h: workers float over given processors.
_SHARE_PROCESSORS = -3
_MOMENT, _LONGEST = 0.02, 2.0


def set_threads(count: int) -> int:
    """Gives the calling thread's pool that many workers, which float over this process's cores.

    Must come before the first parallel kernel of the thread: afterwards a pool can only shrink.
    Returns the number of workers, which the cores limit. Raises ValueError for count < 1.
    """
    if count < 1:
        raise ValueError(f"a thread pool needs at least one thread, not {count}")
    from tvm_ffi import get_global_func

    # All of them, as for the runner's workers: one that somebody else keeps busy can be left.
    cpus = physical_cpus()
    workers, names = min(count, len(cpus)), [str(cpu) for cpu in cpus]
    get_global_func("runtime.config_threadpool")(_SHARE_PROCESSORS, workers, names)
    return workers


def run_with_threads(count: int, work: Callable[[], Result]) -> Result:
    """Runs a function in a fresh thread whose pool has that many workers, and returns its result.

    The caller's own pool and affinity stay as they are. Raises what the function raises, and
    ValueError for count < 1.
    """

    def sized() -> Result:
        set_threads(count)
        return work()

    executor = ThreadPoolExecutor(max_workers=1)
    future = executor.submit(sized)
    try:
        return future.result()
    finally:
        # A Ctrl-C does not wait for what may take long.
        executor.shutdown(wait=future.done())


def settle() -> None:
    """Waits until nothing of this process computes, two seconds at most."""
    until, spent = monotonic() + _LONGEST, _MOMENT
    while spent > _MOMENT / 4 and monotonic() < until:
        before = process_time()
        sleep(_MOMENT)
        spent = process_time() - before
