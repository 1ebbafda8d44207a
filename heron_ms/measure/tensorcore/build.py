"""A scheduled program compiled: what its kernels take, and an estimate of their time."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import IRModule
from heron_ms.errors import ToolChainError
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.estimate import launching, working
from heron_ms.measure.tensorcore.lowering import Lowered, lower
from heron_ms.measure.tensorcore.toolchain import Resources, compile_cuda
from heron_ms.measure.tensorcore.work import work_of

OPERATIONS = 2 * 16 * 8 * 16
"""Of one mma instruction m16n8k16. One of bytes does twice as many, in the same time."""
_OF_TURING = OPERATIONS // 2
"""Of m16n8k8."""
_OF_VOLTA = 2 * 16 * 16 * 16
"""Of WMMA's m16n16k16."""


@dataclass(frozen=True)
class Built:
    """CUDA C++, its machine code, the resources of each kernel, and an estimate in seconds."""

    lowered: Lowered
    code: bytes
    used: tuple[Resources, ...]
    seconds: float


def build(mod: IRModule, machine: TensorCore) -> Built:
    """Lower and compile a scheduled module.

    Raises `ToolChainError` without a tool chain, and for a kernel that keeps registers in memory.
    """
    lowered = lower(mod, machine)
    binary = compile_cuda(lowered.source, machine)
    used = tuple(binary.used[kernel.name] for kernel in lowered.kernels)
    for kernel, taken in zip(lowered.kernels, used, strict=True):
        if taken.stack or taken.spills:
            raise ToolChainError(
                f"{kernel.name} spills: {taken.stack} bytes of stack, {taken.spills} of spills"
            )
    parts = zip(lowered.kernels, work_of(mod), used, strict=True)
    operations = _operations(machine)
    work = sum(working(machine, *part, operations=operations) for part in parts)
    return Built(lowered, binary.code, used, launching(len(used)) + work)


def _operations(machine: TensorCore) -> int:
    """Of one instruction that multiplies tiles."""
    if not machine.loads_rows:
        return _OF_VOLTA
    return OPERATIONS if machine.capability >= 80 else _OF_TURING
