"""What the innermost loops of kernels are counted to ask of a core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import IRModule, Schedule, Target, tvm_compile
from heron_ms.intrinsics import VNNI_U8
from heron_ms.intrinsics.probe import Probe
from heron_ms.measure.cpu.linking import exporting
from scripts.bench.amx.inner_loop import InnerLoop, inner_loop, inner_loop_of

TARGET = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 1})

LISTING = """
0000000000000010 <kernel>:
  10:\tvmovdqu64 (%rdi),%zmm3
  16:\tmov    %rsi,%rax
  20:\tvmovdqu64 (%rsi),%zmm0
  26:\tvpbroadcastd (%rax,%rcx,4),%zmm1
  2d:\tvpdpbusd %zmm0,%zmm1,%zmm2
  33:\tvpdpbusd 0x40(%rsi){1to16},%zmm1,%zmm3
  39:\tvmovups %zmm2,0x40(%rsp)
  3f:\tvmovups 0x80(%rsp),%zmm2
  45:\tmov    (%rdx),%rbx
  48:\tjne    20 <kernel+0x10>
  4a:\tvpdpbusd %zmm0,%zmm1,%zmm2
  50:\tjmp    16 <kernel+0x6>
"""
"""Two loops, of which the outer one goes from 16 to 50."""


def test_of_two_loops_the_inner_one_is_counted() -> None:
    found = inner_loop(LISTING, "vpdpbusd")
    assert found == InnerLoop(multiplications=2, loads=2, broadcasts=2, stores=1, spilled=2)
    assert found.loads_each == 2.0


def test_without_a_multiplication_there_is_none() -> None:
    assert inner_loop(LISTING, "vpmaddwd") is None


def _unrolled(rows: int, columns: int) -> IRModule:
    """A product whose sums of so many rows and vectors of lanes stay in registers."""
    probe = Probe(VNNI_U8, (rows, columns, 64))
    sch = Schedule(probe.program())
    i, j, k = sch.get_loops(sch.get_sblock("C"))
    (j, lanes), (k, depth) = sch.split(j, [columns, 16]), sch.split(k, [None, 4])
    sch.reorder(k, i, j, lanes, depth)
    tile = sch.blockize(lanes)
    start = sch.decompose_reduction(tile, k)
    sch.vectorize(sch.get_loops(sch.get_child_blocks(start)[0])[-1])
    sch.tensorize(tile, VNNI_U8.name)
    for loop in (i, j):
        sch.unroll(loop)
    return sch.mod


@pytest.mark.parametrize(("rows", "columns"), [(4, 2), (6, 4), (12, 1)])
def test_a_kernel_loads_each_operand_once(rows: int, columns: int, tmp_path: Path) -> None:
    """A vector for each column of lanes and an element for each row, for all of their products."""
    kernel: Any = tvm_compile(_unrolled(rows, columns), TARGET)
    artifact = exporting()(kernel, TARGET, tmp_path / "kernel")
    found = inner_loop_of(artifact, "vpdpbusd")
    assert found is not None
    steps = found.multiplications / (rows * columns)  # LLVM may unroll
    assert steps == int(steps)
    assert (found.loads, found.broadcasts) == (steps * columns, steps * rows)
    assert found.spilled == 0
