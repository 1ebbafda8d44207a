"""How fast this CPU reads memory, measured: the slope of the roofline.

Every thread adds up its part of an array, vector by vector into several sums, so that the loads
are what takes the time. An array that fits in a cache is read again and again and tells the
bandwidth of that cache. The sums are of float32, because LLVM may multiply integers by the number
of rounds instead of adding them that often.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from heron_ms._tvm import IRBuilder, PrimFunc, T, Target, prim_func, tvm_compile
from heron_ms.hardware import Cpu, host
from heron_ms.measure.cpu.pool import run_with_threads

SUMS = 8
READ = 2**28
"""Bytes that one measurement reads at least."""

REPEATS = 5


def memory_bandwidth(threads: int = 1, working_set: int | None = None) -> float:
    """Bytes that this CPU reads in a second, all threads together.

    working_set: bytes of the array, all threads together; four times the last cache, and no less
    than 256 MiB, unless told; rounded up to a whole number of steps (eight vectors a thread). The
    best of a few repeats, in a second at most; kept for the life of the process. More threads than
    the cores that this process may use measure those cores.

    Raises ValueError for threads or working_set below one.
    """
    if threads < 1:
        raise ValueError(f"the bandwidth needs at least one thread, not {threads}")
    if working_set is not None and working_set < 1:
        raise ValueError(f"the bandwidth needs a working set above zero bytes, not {working_set}")
    machine = host().with_cores(min(threads, host().cores))
    size = max(READ, 4 * machine.hierarchy[-1].capacity) if working_set is None else working_set
    return _measure(machine, -(-size // (_step(machine) * machine.cores)))


def _step(machine: Cpu) -> int:
    """Bytes that a thread reads in one turn of its loop."""
    return SUMS * machine.vector_bytes


@cache
def _measure(machine: Cpu, steps: int) -> float:
    read = steps * _step(machine) * machine.cores
    rounds = -(-READ // read)
    kernel = tvm_compile(_reader(machine, steps, rounds), Target(machine.target()))
    seconds = run_with_threads(machine.cores, lambda: _best_time(kernel, machine, read))
    return read * rounds / seconds


def _best_time(kernel: Any, machine: Cpu, size: int) -> float:
    import tvm

    # Ones, not zeros: memory that was never written is one page of zeros, mapped many times.
    data = tvm.runtime.tensor(np.ones((machine.cores, size // machine.cores // 4), np.float32))
    sums = tvm.runtime.tensor(np.zeros((machine.cores, _step(machine) // 4), np.float32))
    kernel(data, sums)
    timer = kernel.mod.time_evaluator("main", tvm.cpu(), number=1, repeat=REPEATS)
    return float(min(timer(data, sums).results))


def _reader(machine: Cpu, steps: int, rounds: int) -> PrimFunc:
    """sums[thread] += the thread's row of data, ``rounds`` times over."""
    lanes, width = machine.vector_bytes // 4, _step(machine) // 4
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("main")
        data = T.arg("data", T.Buffer((machine.cores, steps * width), "float32"))
        sums = T.arg("sums", T.Buffer((machine.cores, width), "float32"))
        with T.parallel(machine.cores) as row, T.sblock("thread"):
            thread = T.axis.spatial(machine.cores, row)
            local = T.sblock_alloc_buffer((width,), "float32")
            vectors = [T.ramp(part * lanes, 1, lanes) for part in range(SUMS)]
            for vector in vectors:
                T.buffer_store(local, sums[thread, vector], [vector])
            with T.serial(rounds), T.serial(steps) as step:
                for part, vector in enumerate(vectors):
                    loaded = data[thread, T.ramp(step * width + part * lanes, 1, lanes)]
                    T.buffer_store(local, local[vector] + loaded, [vector])
            for vector in vectors:
                T.buffer_store(sums, local[vector], [thread, vector])
    return builder.get()
