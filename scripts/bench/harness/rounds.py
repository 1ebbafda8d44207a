"""Timing kernels in turn, round after round, so that what disturbs one disturbs all."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scripts.bench.harness.journal import Record

BATCH_SECONDS = 0.03
"""Calls are timed in batches that last about this long: the clock's own cost does not matter."""

SLOW_SECONDS = 1.0
"""A program that takes longer is called once a round: it finds nothing of the others' in caches."""


HOPELESS_SECONDS = 10.0
"""A program that takes longer is in the first round only: rounds tell apart what is close."""


def alternate(
    runs: Mapping[str, Callable[[], object]], rounds: int, pause: float = 0.0
) -> dict[str, Record]:
    """Times each once a round, in an order that rotates: medians over its rounds, in microseconds.

    ``pause`` seconds before each batch let the idle threads of another library fall asleep. Records
    have ``wall_us``, ``wall_us_best``, ``cpu_us`` (processor time of this process, all threads),
    ``calls_per_round`` and ``rounds``.
    """
    calls = {name: _calls_per_batch(run) for name, run in runs.items()}
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            if any(seconds > HOPELESS_SECONDS for seconds, _ in samples[name]):
                continue
            time.sleep(pause)
            samples[name].append(_batch(runs[name], calls[name]))
    return {name: _statistics(samples[name], calls[name]) for name in names}


def looped_us(loop: Callable[[int], object], call_us: float, rounds: int) -> float:
    """Microseconds of one pass of a compiled loop, the median over some rounds."""
    count = max(10, math.ceil(BATCH_SECONDS / max(call_us, 0.1) * 1e6))
    loop(count)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        loop(count)
        times.append((time.perf_counter() - start) / count)
    return statistics.median(times) * 1e6


def _calls_per_batch(run: Callable[[], object]) -> int:
    if _batch(run, 1)[0] > SLOW_SECONDS:
        return 1
    return max(3, min(100_000, math.ceil(BATCH_SECONDS / max(_batch(run, 3)[0], 1e-7))))


def _batch(run: Callable[[], object], calls: int) -> tuple[float, float]:
    """Seconds a call of wall time and of processor time; several calls have one to warm up."""
    if calls > 1:
        run()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        run()
    return (time.perf_counter() - wall) / calls, (time.process_time() - cpu) / calls


def _statistics(samples: Iterable[tuple[float, float]], calls: int) -> dict[str, Any]:
    wall, cpu = (sorted(column) for column in zip(*samples, strict=True))
    return {
        "wall_us": statistics.median(wall) * 1e6,
        "wall_us_best": wall[0] * 1e6,
        "cpu_us": statistics.median(cpu) * 1e6,
        "calls_per_round": calls,
        "rounds": len(wall),
    }
