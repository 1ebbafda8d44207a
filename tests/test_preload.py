"""Which of TVM's intrinsics a process imports: those of CPUs, all, or none."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from heron_ms._preload import leave_out_gpus, preload_intrinsics
from heron_ms._tvm import TensorIntrin, ms
from heron_ms.workloads.gemm import Gemm
if {alone}:
    leave_out_gpus()
preload_intrinsics()
ms.TuneContext(mod=Gemm(64, 64, 64).prim_func(), target={{"kind": "llvm", "num-cores": 1}})
TensorIntrin.get("dot_16x4_vnni")
print("tvm.s_tir.tensor_intrin.cuda" in sys.modules)
"""


@pytest.mark.parametrize("alone", [True, False])
def test_gpus_are_left_out_only_where_nobody_misses_them(alone: bool) -> None:
    program = [sys.executable, "-c", PROGRAM.format(alone=alone)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout == f"{not alone}\n"


UNMEASURED = """
import sys
from heron_ms._tvm import Target
from heron_ms.hardware import host
from heron_ms.unmeasured import schedule_unmeasured
from heron_ms.workloads import Gemm
_, how = schedule_unmeasured(Gemm(8, 16, 16).prim_func(), Target(host().target(1)))
print(how, "tvm.s_tir.tensor_intrin" in sys.modules)
"""


def test_what_is_unmeasured_needs_none() -> None:
    program = [sys.executable, "-c", UNMEASURED]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout == "by the analytic model False\n"
