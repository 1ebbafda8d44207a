"""The speed of an instruction on this CPU, measured: the peak that a kernel reaches a share of.

Twelve independent vectors of sums stay in registers while the instruction adds to them in turn,
operands in registers too, so nothing but the instruction itself is timed. Twelve hide its latency
(4 cycles at one or two a cycle on Zen 4, 5 at two a cycle on Intel's servers) and fit with the two
operands in 16 registers. They take 768 bytes at most: TVM puts a local buffer of 1024 bytes or more
on the heap, out of reach of registers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from time import sleep
from typing import TYPE_CHECKING, Any

import numpy as np

from heron_ms.errors import TargetError
from heron_ms.hardware import Cpu, cpu_for, host
from heron_ms.measure.cpu.instruction import FMAS, PAIRS, VNNI, Instruction
from heron_ms.measure.cpu.pool import run_with_threads, settle
from heron_ms.measure.cpu.tile_instruction import TILE, TILE_BFLOAT16, TileInstruction

if TYPE_CHECKING:
    from tvm.target import Target

Loopable = Instruction | TileInstruction

SUMS = 12
ROUNDS = 250_000
"""Of the loop, in a millisecond or two: short enough to run undisturbed beside busy processes."""

REPEATS = 8
"""Measurements of a burst."""

BURSTS = 4
PAUSE = 0.03
"""Seconds between bursts, so that not all of them meet the same disturbance."""


def vnni_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GOP/s (two operations per multiply-accumulate) of vpdpbusd on this CPU with some threads.

    The best of some bursts, in about a quarter of a second; kept for the life of the process. More
    threads than the cores that this process may use measure those cores.

    Raises TargetError if the target or this CPU has no AVX512-VNNI, ValueError for threads < 1.
    """
    return _once(*_measurable(target, VNNI, threads))


def vnni_peak_now(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """`vnni_peak` measured anew; where two of them differ, the machine was disturbed."""
    return _measure(*_measurable(target, VNNI, threads))


def tile_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GOP/s of the multiplication of tile registers, of bytes, with some threads.

    Measured as `vnni_peak` is. Raises TargetError if the target or this CPU has none, or the system
    does not permit it, ValueError for threads < 1.
    """
    return _once(*_measurable(target, TILE, threads))


def bfloat16_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GFLOP/s of the multiplication of tile registers, of bfloat16; as `tile_peak` else."""
    return _once(*_measurable(target, TILE_BFLOAT16, threads))


def byte_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GOP/s of the fastest instruction for bytes that both the target and this CPU have.

    On x86 without VNNI that is vpmaddwd, whose 16-bit operands the bytes have to become first.
    Raises TargetError if there is none, ValueError for threads < 1.
    """
    return _once(*_measurable(target, _for_bytes(target), threads))


def byte_peak_now(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """`byte_peak` measured anew; where two of them differ, the machine was disturbed."""
    return _measure(*_measurable(target, _for_bytes(target), threads))


def _for_bytes(target: Target | Mapping[str, Any]) -> Loopable:
    return _first_of((TILE, VNNI, *PAIRS), "product of bytes", target)


def fma_peak(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """GFLOP/s of float32 multiply-add on this CPU, in the widest vectors that target and CPU have.

    Measured as `vnni_peak` is. Raises TargetError if there is none of AVX-512, FMA and Neon that
    both the target and this CPU have, ValueError for threads < 1.
    """
    return _once(*_measurable(target, _widest_fma(target), threads))


def fma_peak_now(target: Target | Mapping[str, Any], threads: int = 1) -> float:
    """`fma_peak` measured anew."""
    return _measure(*_measurable(target, _widest_fma(target), threads))


def _widest_fma(target: Target | Mapping[str, Any]) -> Loopable:
    return _first_of(FMAS, "float32 multiply-add", target)


def _first_of(
    instructions: Sequence[Loopable], what: str, target: Target | Mapping[str, Any]
) -> Loopable:
    machine = cpu_for(target)
    for instruction in instructions:
        if machine.has(instruction.feature) and host().has(instruction.feature):
            return instruction
    known = ", ".join(instruction.feature for instruction in instructions)
    raise TargetError(
        f"no {what} that both {machine.mcpu} and this CPU ({host().mcpu}) have: none of {known}"
    )


def compile_peak(machine: Cpu, instruction: Loopable = VNNI) -> Any:
    """The compiled kernel, a thread for each core; it need not be a machine that is here.

    Arguments: the operands, vectors of the instruction, and the sums (cores, SUMS * lanes).
    Raises TargetError if the machine has not the instruction: LLVM would end the process.
    """
    import tvm

    machine.require(instruction.feature)
    target = {**machine.target(), "mattr": [f"+{instruction.feature}"]}
    kernel = instruction.loop(machine.cores, SUMS, ROUNDS)
    return tvm.compile(kernel, target=tvm.target.Target(target))


def _measurable(
    target: Target | Mapping[str, Any], instruction: Loopable, threads: int
) -> tuple[Cpu, Loopable]:
    """What is measured, on as many cores as there are."""
    machine = cpu_for(target)
    machine.require(instruction.feature)
    host().require(instruction.feature)
    if threads < 1:
        raise ValueError(f"the peak needs at least one thread, not {threads}")
    return machine.with_cores(min(threads, host().cores)), instruction


_compiled = cache(compile_peak)


def _measure(machine: Cpu, instruction: Loopable) -> float:
    arrays = [
        *instruction.operands(np.random.default_rng(0)),
        instruction.sums(machine.cores, SUMS),
    ]
    kernel = _compiled(machine, instruction)
    settle()
    seconds = run_with_threads(machine.cores, lambda: min(_bursts(kernel, arrays)))
    return instruction.operations * SUMS * ROUNDS * machine.cores / seconds / 1e9


_once = cache(_measure)


def _bursts(kernel: Any, arrays: list[Any]) -> Iterator[float]:
    """The best time of each of some bursts."""
    import tvm

    arguments = [tvm.runtime.tensor(array) for array in arrays]
    timer = kernel.mod.time_evaluator("main", tvm.cpu(), number=1, repeat=REPEATS)
    kernel(*arguments)
    for _ in range(BURSTS):
        yield float(min(timer(*arguments).results))
        sleep(PAUSE)
