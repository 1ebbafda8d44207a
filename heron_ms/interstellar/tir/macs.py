"""How much a program computes: multiplications, and the steps that they take."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod

from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.tir.accesses import Access
from heron_ms.interstellar.tir.executions import executions


def macs_of(accesses: Sequence[Access]) -> int:
    """Multiplications of all blocks that accumulate."""
    return sum(
        executions(access) * macs_each(access, accesses) for access in _accumulators(accesses)
    )


def steps_of(accesses: Sequence[Access], machine: Accelerator) -> float:
    """Cycles of the multiplications where every unit that the program uses has one a cycle.

    Loops bound to threads run side by side; a parallel loop runs on the units of the machine's
    outermost array, and an uneven share leaves some of them idle. Vectors and intrinsics take the
    units that are left, as far as they have work for them.
    """
    return sum(_steps(access, accesses, machine) for access in _accumulators(accesses))


def macs_each(access: Access, accesses: Sequence[Access]) -> int:
    """Multiplications of one execution: an intrinsic's m*n*k, from the sizes of its operands."""
    if access.elements == 1:
        return 1
    operands = [
        a
        for a in accesses
        if a.block == access.block and a.role == "load" and not a.buffer.same_as(access.buffer)
    ]
    return isqrt(access.elements * prod(a.elements for a in operands)) if operands else 1


def _steps(access: Access, accesses: Sequence[Access], machine: Accelerator) -> float:
    total = executions(access) * macs_each(access, accesses)
    parallel = prod(loop.extent for loop in access.loops if loop.axis == "parallel")
    threads = prod(loop.extent for loop in access.loops if loop.axis.startswith("threadIdx"))
    if not machine.arrays:
        return float(total)
    if threads > 1:
        return total / threads
    cores = machine.arrays[-1].units if len(machine.arrays) > 1 else 1
    rounds = -(-parallel // cores)
    lanes = machine.multipliers // cores
    return total / lanes * rounds / parallel


def _accumulators(accesses: Sequence[Access]) -> list[Access]:
    """The stores into a buffer that the same block loads."""
    return [
        a
        for a in accesses
        if a.write and a.role == "store" and any(_reads(other, a) for other in accesses)
    ]


def _reads(each: Access, store: Access) -> bool:
    same = each.block == store.block and each.buffer.same_as(store.buffer)
    return same and not each.write
