"""The speed of an instruction on this CPU, measured: the peak that a kernel reaches a share of.

Twelve independent vectors of sums stay in registers while the instruction adds to them in turn,
operands in registers too, so nothing but the instruction itself is timed. Twelve hide its latency
(4 cycles at one or two a cycle on Zen 4, 5 at two a cycle on Intel's servers) and fit with the two
operands in 16 registers. They take 768 bytes at most: TVM puts a local buffer of 1024 bytes or more
on the heap, out of reach of registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from heron_ms.errors import TargetError
from heron_ms.hardware import Machine, for_target, host
from heron_ms.measure.instruction import FMAS, VNNI, Instruction
from heron_ms.measure.pool import run_with_threads

if TYPE_CHECKING:
    from tvm.target import Target

SUMS = 12
ROUNDS = 1_000_000
REPEATS = 40


def vnni_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GOP/s (two operations per multiply-accumulate) of vpdpbusd on this CPU with some threads.

    The best of some repeats, in about a quarter of a second; kept for the life of the process. More
    threads than the cores that this process may use measure those cores.

    Raises TargetError if the target or this CPU has no AVX512-VNNI, ValueError for threads < 1.
    """
    machine = for_target(target)
    machine.require(VNNI.feature)
    host().require(VNNI.feature)
    return _peak(machine, VNNI, threads)


def fma_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GFLOP/s of float32 multiply-add on this CPU, in the widest vectors that target and CPU have.

    Measured as `vnni_peak` is. Raises TargetError if there is none of AVX-512, FMA and Neon that
    both the target and this CPU have, ValueError for threads < 1.
    """
    machine = for_target(target)
    for instruction in FMAS:
        if machine.has(instruction.feature) and host().has(instruction.feature):
            return _peak(machine, instruction, threads)
    known = ", ".join(each.feature for each in FMAS)
    raise TargetError(
        f"no float32 multiply-add that both {machine.mcpu} and this CPU ({host().mcpu}) have: "
        f"none of {known}"
    )


def compile_peak(machine: Machine, instruction: Instruction = VNNI) -> Any:
    """The compiled kernel, a thread for each core; it need not be a machine that is here.

    Arguments: the operands, vectors of the instruction, and the sums (cores, SUMS * lanes).
    Raises TargetError if the machine has not the instruction: LLVM would end the process.
    """
    import tvm

    machine.require(instruction.feature)
    target = {**machine.target(), "mattr": [f"+{instruction.feature}"]}
    kernel = instruction.loop(machine.cores, SUMS, ROUNDS)
    return tvm.compile(kernel, target=tvm.target.Target(target))


def _peak(machine: Machine, instruction: Instruction, threads: int) -> float:
    if threads < 1:
        raise ValueError(f"the peak needs at least one thread, not {threads}")
    return _measure(machine.with_cores(min(threads, host().cores)), instruction)


@cache
def _measure(machine: Machine, instruction: Instruction) -> float:
    arrays = [
        *instruction.operands(np.random.default_rng(0)),
        instruction.sums(machine.cores, SUMS),
    ]
    kernel = compile_peak(machine, instruction)
    seconds = run_with_threads(machine.cores, lambda: _best_time(kernel, arrays))
    return instruction.operations * SUMS * ROUNDS * machine.cores / seconds / 1e9


def _best_time(kernel: Any, arrays: list[Any]) -> float:
    import tvm

    arguments = [tvm.runtime.tensor(array) for array in arrays]
    kernel(*arguments)
    timer = kernel.mod.time_evaluator("main", tvm.cpu(), number=1, repeat=REPEATS)
    return float(min(timer(*arguments).results))
