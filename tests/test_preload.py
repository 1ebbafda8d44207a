"""A process of the command line's own has the intrinsics of CPUs, and only those."""

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
