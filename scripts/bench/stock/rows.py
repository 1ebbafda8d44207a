"""The programs and CPUs for which the candidates of both sides are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvm.target import Target

from heron_ms.workloads.gemm import Gemm
from scripts.bench.harness.targets import cpu_target, target_of


@dataclass(frozen=True)
class Row:
    """A GEMM on a machine, and whether stock gets a VNNI intrinsic that builds.

    machine: one of `machines.MACHINES`; "" for this CPU, which is to have AVX512-VNNI.
    """

    name: str
    size: int
    weight: str
    a_dtype: str = "uint8"
    repaired: bool = False
    machine: str = ""

    @property
    def title(self) -> str:
        """As in the table."""
        dtypes = ("u8" if self.a_dtype == "uint8" else "s8") + " × s8"
        notes = [self.machine, "stock intrinsic repaired" if self.repaired else ""]
        return ", ".join([f"{dtypes} {self.size}³ {self.weight}", *filter(None, notes)])

    @property
    def target(self) -> Any:
        """The TVM target, of one core."""
        return target_of(self.machine, 1) if self.machine else Target(cpu_target())

    @property
    def workload(self) -> Any:
        """The GEMM."""
        return Gemm(self.size, self.size, self.size, weight=self.weight, a_dtype=self.a_dtype)


ROWS = (
    Row("kn", 512, "kn"),
    Row("kn-repaired", 512, "kn", repaired=True),
    Row("packed", 512, "packed"),
    Row("packed-repaired", 512, "packed", repaired=True),
    Row("nk-repaired", 512, "nk", repaired=True),
    Row("500-repaired", 500, "kn", repaired=True),
    Row("s8s8", 512, "kn", "int8"),
    Row("avx512", 512, "kn", machine="AVX-512 without VNNI"),
    Row("avx512-packed", 512, "packed", machine="AVX-512 without VNNI"),
    Row("dotprod", 512, "kn", "int8", machine="Arm dotprod"),
    Row("dotprod-packed", 512, "packed", "int8", machine="Arm dotprod"),
    Row("asimd", 512, "kn", "int8", machine="Arm asimd"),
    Row("asimd-packed", 512, "packed", "int8", machine="Arm asimd"),
)
