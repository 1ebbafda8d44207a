"""How much of the processors goes to other processes, and to the hypervisor's other machines."""

from __future__ import annotations

import os
from time import perf_counter, process_time
from typing import Any

_IDLE = {"idle", "iowait", "guest", "guest_nice"}
"""Times of a processor that nobody takes, or that are in another one too."""


class Others:
    """Measures from its making on, for a program that runs on some cores of this process."""

    def __init__(self, cores: int) -> None:
        self._cores, self._processors = cores, os.sched_getaffinity(0)
        self._begun, self._taken = perf_counter(), self._time()

    def share(self) -> float:
        """The share of those cores, from 0 to 1, that others had, as the free ones were too few."""
        had = (self._time() - self._taken) / (perf_counter() - self._begun)
        free = len(self._processors) - self._cores
        return min(max((had - free) / self._cores, 0.0), 1.0)

    def _time(self) -> float:
        """Seconds that others have had so far of the processors that this process may use."""
        import psutil

        every = psutil.cpu_times(percpu=True)
        mine = [every[processor] for processor in self._processors if processor < len(every)]
        return sum(map(_busy, mine)) - process_time()


def _busy(processor: Any) -> float:
    times: dict[str, float] = processor._asdict()
    return sum(value for name, value in times.items() if name not in _IDLE)
