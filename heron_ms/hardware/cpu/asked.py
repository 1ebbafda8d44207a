"""The CPU of another machine, on which a process with TVM tells of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.targets import cpu_of


def cpu_asked(ask: Callable[[str], Any]) -> Cpu:
    """The CPU that answers, with as many cores as TVM has threads there.

    ask: calls a function of TVM's by its name, there and without arguments. What it raises where
    there is no such function goes through: a TVM that was built without LLVM cannot tell.
    """
    architecture = str(ask("target.llvm_get_system_triple")).partition("-")[0]
    return cpu_of(
        {
            "kind": "llvm",
            "mcpu": str(ask("target.llvm_get_system_cpu")),
            # As the same CPU has it where it is named: who built TVM there does not matter.
            "mtriple": f"{architecture}-linux-gnu",
            "num-cores": int(ask("runtime.NumThreads")),
        }
    )
