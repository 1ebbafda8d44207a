# A TVMScript function is data: its annotations are buffers, its decorator parses the source.
# mypy: disable-error-code="valid-type, untyped-decorator"
"""The speed of AVX512-VNNI on this CPU, measured: what a kernel's share of the peak is a share of.

Twelve independent sums of 16 int32 stay in vector registers while vpdpbusd adds to them in turn,
operands in registers too, so nothing but the instruction itself is timed. Twelve hide its latency
(4 cycles at one a cycle on Zen 4, 5 at two a cycle on Intel's servers). They take 768 bytes: TVM
puts a local buffer of 1024 bytes or more on the heap, out of reach of registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from heron_ms.hardware import Machine, for_target, host
from heron_ms.measure.pool import run_with_threads

if TYPE_CHECKING:
    from tvm.target import Target

FEATURE = "avx512vnni"
SUMS = 12
LANES = 16
MACS = 64
ROUNDS = 1_000_000
REPEATS = 40


def vnni_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GOP/s (two operations per multiply-accumulate) of vpdpbusd on this CPU with some threads.

    The best of some repeats, in about a quarter of a second; kept for the life of the process. More
    threads than the cores that this process may use measure those cores.

    Raises TargetError if the target or this CPU has no AVX512-VNNI, ValueError for threads < 1.
    """
    if threads < 1:
        raise ValueError(f"the peak needs at least one thread, not {threads}")
    machine = for_target(target)
    machine.require(FEATURE)
    host().require(FEATURE)
    return _measure(machine.with_cores(min(threads, host().cores)))


def compile_peak(machine: Machine) -> Any:
    """The compiled kernel, a thread for each core; it need not be a machine that is here.

    Raises TargetError if the machine has no AVX512-VNNI: LLVM would end the process.
    """
    import tvm

    machine.require(FEATURE)
    target = {**machine.target(), "mattr": [f"+{FEATURE}"]}
    return tvm.compile(_kernel(machine.cores), target=tvm.target.Target(target))


@cache
def _measure(machine: Machine) -> float:
    rng = np.random.default_rng(0)
    operands = [rng.integers(-128, 128, MACS).astype("int8") for _ in range(2)]
    arrays = [*operands, np.zeros((machine.cores, SUMS * LANES), "int32")]
    kernel = compile_peak(machine)
    seconds = run_with_threads(machine.cores, lambda: _best_time(kernel, arrays))
    return 2 * MACS * SUMS * ROUNDS * machine.cores / seconds / 1e9


def _best_time(kernel: Any, arrays: list[Any]) -> float:
    import tvm

    arguments = [tvm.runtime.tensor(array) for array in arrays]
    kernel(*arguments)
    timer = kernel.mod.time_evaluator("main", tvm.cpu(), number=1, repeat=REPEATS)
    return float(min(timer(*arguments).results))


def _kernel(threads: int) -> Any:
    """The loop as a PrimFunc; sums start from memory, or equal ones would be merged into one."""
    from tvm.script import tirx as T

    # fmt: off
    @T.prim_func(s_tir=True)
    def main(a: T.Buffer((MACS,), "int8"), b: T.Buffer((MACS,), "int8"),
             c: T.Buffer((threads, SUMS * LANES), "int32")) -> None:
        for t in T.parallel(threads):
            acc = T.alloc_buffer((SUMS * LANES,), "int32")
            for i in T.unroll(SUMS):
                acc[T.ramp(i * LANES, 1, LANES)] = c[t, T.ramp(i * LANES, 1, LANES)]
            for _ in range(ROUNDS):
                for i in T.unroll(SUMS):
                    acc[T.ramp(i * LANES, 1, LANES)] = T.call_llvm_pure_intrin(
                        T.llvm_lookup_intrinsic_id("llvm.x86.avx512.vpdpbusd.512"),
                        acc[T.ramp(i * LANES, 1, LANES)],
                        a.vload([0], dtype="int8x64"),
                        b.vload([0], dtype="int8x64"),
                        dtype="int32x16",
                    )
            for i in T.unroll(SUMS):
                c[t, T.ramp(i * LANES, 1, LANES)] = acc[T.ramp(i * LANES, 1, LANES)]
    # fmt: on

    return main
