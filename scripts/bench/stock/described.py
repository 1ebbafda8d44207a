"""Candidates for another CPU, run on this one.

The trace of a candidate is replayed with loops in place of each instruction of the other CPU: the
same tiles and copies, without a word of LLVM for it. The loops compute what the intrinsic's
description says, of tiles that lie in memory as the instruction loads them. That tells whether the
schedule computes what it should; whether the instruction does what it is said to, it cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tvm.s_tir import Schedule, TensorIntrin
from tvm.target import Target

from heron_ms.intrinsics.build import Tile, implement, multiply_accumulate
from heron_ms.intrinsics.semantics import read_semantics
from heron_ms.intrinsics.swapped import SUFFIX
from heron_ms.testing.observed import instructions
from scripts.bench.harness.console import first_line
from scripts.bench.harness.targets import cpu_target
from scripts.bench.harness.trials import Candidate


def described(candidate: Candidate) -> Candidate:
    """The candidate with loops for instructions; rejected if its trace does not replay."""
    sch = Schedule(candidate.source)
    try:
        with _descriptions(_intrinsics(candidate.trace)):
            candidate.trace.apply_to_schedule(sch, remove_postproc=False)
    except Exception as error:  # any failure is a finding
        return replace(candidate, rejected=f"does not replay: {first_line(error)}")
    return replace(candidate, module=sch.mod)


def described_target() -> Any:
    """This CPU, compiled for in haste: what counts is the result."""
    return Target({**cpu_target(), "opt-level": 0})


def _intrinsics(trace: Any) -> set[str]:
    tensorized = (inst for inst in trace.insts if str(inst.kind.name) == "Tensorize")
    return {str(inst.attrs[0]) for inst in tensorized}


@contextmanager
def _descriptions(names: Iterable[str]) -> Iterator[None]:
    """Makes those of these intrinsics that call LLVM compute by loops meanwhile."""
    known = {name: TensorIntrin.get(name) for name in names}
    calling = {name: intrinsic for name, intrinsic in known.items() if instructions(intrinsic.impl)}
    for name, intrinsic in calling.items():
        TensorIntrin.register(name, intrinsic.desc, _loops(name), override=True)
    try:
        yield
    finally:
        for name, intrinsic in calling.items():
            TensorIntrin.register(name, intrinsic.desc, intrinsic.impl, override=True)


def _loops(name: str) -> Any:
    """A dot product as loops, with strides: the description alone admits a tile with gaps."""
    read = read_semantics(TensorIntrin.get(name.removesuffix(SUFFIX)).desc)
    extents = {"rows": read.rows, "lanes": read.lanes, "depth": read.depth}
    tile = Tile(read.a_dtype, read.b_dtype, read.c_dtype, **extents)
    return implement(tile, lambda a, b, c: multiply_accumulate(a, b, c, **extents))
