"""Which level of the memory hierarchy a tuned program asks most of, by the analytic model."""

from __future__ import annotations

from heron_ms._tvm import IRModule
from heron_ms.errors import ModelError
from heron_ms.hardware import Cpu, Machine
from heron_ms.interstellar.prior import cpu_cost
from heron_ms.interstellar.tir.accesses import bits
from heron_ms.measure.ahead import split_ahead
from heron_ms.workloads import Workload


def limited_by(workload: Workload, machine: Machine, mod: IRModule) -> str | None:
    """The level with most of the energy of a scheduled program: "registers", "L1" ... "DRAM".

    Caches are warm and a weight that is packed ahead is packed, as while it is measured. None
    where the model cannot read the program, or is not one of the machine.
    """
    if not isinstance(machine, Cpu):
        return None
    try:
        cost = cpu_cost(split_ahead(mod).program, machine, bits(workload.dtypes.a))
    except ModelError:
        return None
    return cost.dominant.name
