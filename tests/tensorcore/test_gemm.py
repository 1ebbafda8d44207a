"""Every program of a product on TensorCores lowers, takes what it says, and emulates exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.errors import EmulationError, ToolChainError
from heron_ms.hardware import for_target, machine, resolve
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore import lowering, toolchain
from heron_ms.measure.tensorcore.build import build
from heron_ms.measure.tensorcore.emulation.emulate import MODES, Emulated
from heron_ms.measure.tensorcore.lowering import Kernel, Lowered, lower
from heron_ms.measure.tensorcore.toolchain import LONG
from heron_ms.measure.tensorcore.work import work_of
from heron_ms.workloads import OPERATORS
from tests.tensorcore.programs import needs_nvcc

SIZES = (64, 128, 128)
A100 = only(TensorCore, machine("a100"), "GPU")


@cache
def sketch(weight: str, sizes: tuple[int, int, int] = SIZES) -> ConstrainedSketch:
    workload = OPERATORS["gemm"].of(sizes, "f16", weight=weight)
    mod = IRModule({"main": workload.prim_func()})
    made, *_ = heron_ms.generate_sketches(mod, Target(A100.target()))
    return constrain(made, A100)


def lowered(weight: str, assignment: Mapping[str, int]) -> Lowered:
    return lower(sketch(weight).materialize(assignment).mod, A100)


def errors(program: Lowered, weight: str) -> list[float]:
    """The largest error of the result in each mode, on integers, of which all sums are exact."""
    m, n, k = SIZES
    rng = np.random.default_rng(0)
    a = rng.integers(-8, 8, (m, k)).astype(np.float16)
    b = rng.integers(-8, 8, (k, n)).astype(np.float16)
    right = a.astype(np.float64) @ b.astype(np.float64)
    given = [a, np.ascontiguousarray(b.T) if weight == "nk" else b]
    emulated = Emulated(program, ["A", "B", "C"])
    outputs = [
        emulated([*given, np.full((m, n), np.nan, np.float32)], mode)[0][2] for mode in MODES
    ]
    return [float(np.abs(output - right).max()) for output in outputs]


def pipelined(weight: str, rng: np.random.Generator) -> dict[str, int]:
    """An assignment of three stages and two warps or more, whose loop turns often enough."""
    for assignment in sketch(weight).problem.sample(2000, rng):
        if assignment["heron.stages"] == 3 and assignment["C.k.0"] >= 4:
            warps = assignment["C.i.2"] * assignment["C.j.2"]
            if warps >= 4 and assignment["C.i.3"] > 1:
                return dict(assignment)
    raise AssertionError("no such program")


def test_the_machine_is_read_back_from_its_target() -> None:
    assert resolve("tensorcore:a100") == for_target(Target(A100.target())) == A100


def test_a_pass_for_hexagon_is_left_out_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    assignment = pipelined("kn", rng)
    without = lowered("kn", assignment).source
    monkeypatch.setattr(lowering, "OF_HEXAGON", ())
    assert "cp.async" in without and lowered("kn", assignment).source == without


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_every_program_lowers_and_shared_memory_is_as_said(
    weight: str, rng: np.random.Generator
) -> None:
    for assignment in sketch(weight).problem.sample(8, rng):
        [kernel] = lowered(weight, assignment).kernels
        warps = assignment["C.i.2"] * assignment["C.j.2"]
        assert kernel.shared == assignment["shared.bytes"] <= 166912
        assert kernel.threads == (32, warps, 1)
        inner, outer = (assignment[f"C.i.{at}"] * assignment[f"C.j.{at}"] for at in (1, 0))
        assert kernel.grid == (inner, outer, 1)


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_a_program_is_exact_with_copies_late_and_eager(
    weight: str, rng: np.random.Generator
) -> None:
    assert errors(lowered(weight, pipelined(weight, rng)), weight) == [0.0, 0.0]


def test_a_long_loop_that_fills_shared_memory_is_named(rng: np.random.Generator) -> None:
    """So that what nvcc unrolls by itself can be told not to be."""
    for assignment in sketch("kn").problem.sample(40, rng):
        turns = [assignment[f"{operand}_shared.fused.0"] for operand in "AB"]
        loops = re.findall(rf"for \(int \w*{LONG}\w* = ", lowered("kn", assignment).source)
        assert bool(loops) == (max(turns) > 8)


def test_work_is_counted(rng: np.random.Generator) -> None:
    m, n, k = SIZES
    assignment = pipelined("kn", rng)
    [work] = work_of(sketch("kn").materialize(assignment).mod)
    assert work.blocks * work.multiplications == m * n * k // (16 * 8 * 16)
    assert work.blocks * work.written == 4 * m * n
    assert work.blocks * work.touched == 2 * 4 * m * n, (
        "every other element of a sector of 32 bytes"
    )
    assert (work.stages, work.turns) == (3, assignment["C.k.0"])


_PITCH = re.compile(r"(__cvta_generic_to_shared\(.*threadIdx\.x\) & 15\) \* )(\d+)")
"""Of the rows that the lanes of a warp give to ldmatrix, in elements."""
_ALIGNED = 8
"""Elements that rows lie a multiple of apart: other pitches are refused, not computed."""

LATE, EAGER = range(len(MODES))
SHOWN: Mapping[str, tuple[int, ...]] = {
    "no barrier before the copies": (EAGER,),
    "no barrier after the wait": (LATE,),
    "no wait": (LATE,),
    "another pitch in one ldmatrix": (LATE, EAGER),
}
"""In which modes a wrong kernel has to be wrong; in the others it may be right by luck."""


def _mutations(source: str) -> dict[str, str]:
    """Wrong kernels: what a GPU might or might not show."""
    loop = re.search(r"for \(int k_0_0 ", source)
    assert loop is not None
    head, body = source[: loop.start()], source[loop.start() :]
    wait = re.search(r"tvm_builtin_ptx_cp_async_wait_group_async_wait_group_\d\(\);", body)
    assert wait is not None
    before, after = body[: wait.end()], body[wait.end() :]
    return {
        "no barrier before the copies": head + body.replace("__syncthreads();", "", 1),
        "no barrier after the wait": head + before + after.replace("__syncthreads();", "", 1),
        "no wait": head + body.replace(wait[0], "", 1),
        "another pitch in one ldmatrix": head + _PITCH.sub(_longer, body, count=1),
    }


def _longer(found: re.Match[str]) -> str:
    return f"{found[1]}{int(found[2]) + _ALIGNED}"


def test_the_emulation_tells_wrong_kernels_from_right_ones(rng: np.random.Generator) -> None:
    program = lowered("kn", pipelined("kn", rng))
    wrong = {
        name: errors(replace(program, source=source), "kn")
        for name, source in _mutations(program.source).items()
    }
    # NaN is no zero either.
    shown = {name: [found[mode] != 0 for mode in SHOWN[name]] for name, found in wrong.items()}
    assert shown == {name: [True] * len(modes) for name, modes in SHOWN.items()}


def test_an_access_out_of_bounds_is_an_error(rng: np.random.Generator) -> None:
    program = lowered("kn", pipelined("kn", rng))
    [kernel] = program.kernels
    short = Kernel(**{**vars(kernel), "shared": kernel.shared // 2})
    with pytest.raises(EmulationError, match="shared memory"):
        errors(Lowered(program.source, (short,)), "kn")


def test_without_a_tool_chain_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(toolchain, "which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    toolchain.nvcc.cache_clear()
    with pytest.raises(ToolChainError, match=r"pip install 'heron-ms\[cuda\]'"):
        toolchain.nvcc()
    toolchain.nvcc.cache_clear()


def test_a_long_loop_that_fills_shared_memory_is_not_unrolled(rng: np.random.Generator) -> None:
    """All its addresses would be in registers at once; loops over fragments have no choice."""
    turns = 32
    constrained = sketch("kn", (1024, 1024, 1024))
    assignment = next(
        drawn
        for drawn in constrained.problem.sample(4000, rng)
        if drawn["A_shared.fused.0"] == turns > drawn["C.k.1"] and drawn["C.i.3"] > 1
    )
    source = lower(constrained.materialize(assignment).mod, A100).source
    loop = r"for \(int \w+ = 0; \w+ < (\d+);"
    unrolled = set(map(int, re.findall(rf"#pragma unroll\s+{loop}", source)))
    assert turns in set(map(int, re.findall(loop, source))) - unrolled
    assert assignment["C.i.3"] in unrolled


@pytest.mark.slow
@needs_nvcc
def test_programs_compile_without_a_stack(rng: np.random.Generator) -> None:
    constrained = sketch("kn", (1024, 1024, 1024))
    for assignment in constrained.problem.sample(8, rng):
        built = build(constrained.materialize(assignment).mod, A100)
        [used] = built.used
        assert (used.stack, used.spills, used.shared) == (0, 0, 0)
        assert 0 < built.seconds < 1
