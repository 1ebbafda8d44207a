"""Each intrinsic compiled once, looked for in the assembly, and run where the CPU can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, Schedule, Target, tvm_compile
from heron_ms.cli.check import run_once
from heron_ms.cli.facts import Fact, Status
from heron_ms.constraints import constrain
from heron_ms.hardware import Machine, host, machine
from heron_ms.intrinsics import INTRINSICS, PACK_INTRINSICS
from heron_ms.sketch import Sketch
from heron_ms.space_generators.space import tensorized_sketches
from heron_ms.workloads import Gemm

_FEATURE = "avx512vnni"


@dataclass(frozen=True)
class _Trial:
    """A small program that uses an intrinsic, and the instruction that shows it."""

    intrinsic: str
    gemm: Gemm
    instruction: str


def intrinsic_facts() -> Iterator[Fact]:
    """One fact for each intrinsic that heron_ms registers."""
    here = host().has(_FEATURE)
    compiled_for = host() if here else machine("cascadelake")
    for trial in _trials():
        try:
            yield _try(trial, compiled_for, here)
        except Exception as error:  # whatever goes wrong is what the user wants to know
            lines = str(error).strip().splitlines() or [type(error).__name__]
            yield Fact(Status.FAIL, trial.intrinsic, lines[-1])


def _trials() -> Iterator[_Trial]:
    for name, intrinsic in INTRINSICS.items():
        gemm = Gemm(16, 64, 32, "packed", intrinsic.a_dtype, intrinsic.b_dtype)
        yield _Trial(name, gemm, "vpdpbusd")
    for weight, name in PACK_INTRINSICS.items():
        yield _Trial(name, Gemm(16, 64, 32, weight), "vpdpbusd")


def _try(trial: _Trial, compiled_for: Machine, here: bool) -> Fact:
    sch = _schedule(trial.gemm, compiled_for)
    if trial.intrinsic not in str(sch.trace):
        return Fact(Status.FAIL, trial.intrinsic, "the space does not use it")
    kernel = tvm_compile(sch.mod, target=Target(compiled_for.target()))
    if trial.instruction not in kernel.mod.inspect_source("asm"):
        detail = f"compiled for {compiled_for.mcpu}, but there is no {trial.instruction} in it"
        return Fact(Status.FAIL, trial.intrinsic, detail)
    detail = f"compiled for {compiled_for.mcpu}, {trial.instruction} in the assembly"
    if not here:
        return Fact(Status.OK, trial.intrinsic, f"{detail}; not run: this CPU has no {_FEATURE}")
    return _run(trial, kernel, detail)


def _run(trial: _Trial, kernel: Any, detail: str) -> Fact:
    output, expected = run_once(kernel, trial.gemm)
    wrong = int(np.count_nonzero(output != expected))
    if wrong:
        detail = f"{wrong} of {expected.size} results differ from numpy"
        return Fact(Status.FAIL, trial.intrinsic, detail)
    return Fact(Status.OK, trial.intrinsic, f"{detail}, results exact")


def _schedule(gemm: Gemm, compiled_for: Machine) -> Schedule:
    mod = IRModule({"main": gemm.prim_func()})
    first = Sketch(mod, tensorized_sketches(mod, compiled_for)[0].trace)
    constrained = constrain(first, compiled_for)
    drawn = constrained.problem.sample(1, np.random.default_rng(0))
    return constrained.materialize(drawn[0])
