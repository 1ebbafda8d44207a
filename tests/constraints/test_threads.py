"""Threads and scratchpads: bound loops agree and fit, aligned rows count with their gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tvm import te

from heron_ms._tvm import For, IRModule, Schedule, collect
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import Machine, Memory, Unit
from heron_ms.interstellar.tir.capacity import held_bytes
from heron_ms.sketch import Sketch
from heron_ms.workloads import Gemm

M, K, N = 48, 32, 64
SHARED = Memory("shared", "shared", 2048)
MACHINE = Machine(
    name="threads",
    source="a test",
    memories=(SHARED, Memory("DRAM", "global", 2**30)),
    units=(Unit("block", 2, "blockIdx.x"), Unit("thread", 16, "threadIdx.x")),
)


def _sketch(align: int = 0) -> Sketch:
    """Rows over blocks and threads; a tile of B is fetched by all threads of a block together.

    The tile of the sketch divides into threads: the rest of a split that does not is not modelled.
    """
    mod = IRModule({"main": Gemm(M, K, N).prim_func()})
    sch = Schedule(mod)
    block = sch.get_sblock("C")
    i, j, k = sch.get_loops(block)
    rows, threads, inner = sch.split(i, sch.sample_perfect_tile(i, 3, decision=[2, 8, 3]))
    outer, step = sch.split(k, sch.sample_perfect_tile(k, 2, decision=[4, 8]))
    left, right = sch.split(j, sch.sample_perfect_tile(j, 2, decision=[8, 8]))
    sch.reorder(rows, threads, left, outer, inner, right, step)
    sch.bind(rows, "blockIdx.x")
    sch.bind(threads, "threadIdx.x")
    copy = sch.cache_read(block, 1, "shared")
    if align:
        sch.storage_align(copy, 0, 0, align, 4)
    sch.compute_at(copy, outer, preserve_unit_loops=True)
    depth, lanes = sch.get_loops(copy)[-2:]
    fused = sch.fuse(depth, lanes)
    _, together = sch.split(fused, [None, 8])
    sch.bind(together, "threadIdx.x")
    return Sketch(mod, sch.trace)


def _threads(sch: Schedule, tag: str) -> list[int]:
    loops = collect(sch.mod["main"].body, For)
    bound = [loop for loop in loops if loop.thread_binding is not None]
    return [int(loop.extent) for loop in bound if str(loop.thread_binding.thread_tag) == tag]


def _programs(sketch: ConstrainedSketch) -> list[tuple[dict[str, int], Any]]:
    drawn = sketch.problem.sample(24, np.random.default_rng(0))
    return [(assignment, sketch.materialize(assignment)) for assignment in drawn]


def test_bound_loops_agree_and_there_are_units_for_them() -> None:
    programs = _programs(constrain(_sketch(), MACHINE))
    assert programs
    for _, sch in programs:
        assert set(_threads(sch, "threadIdx.x")) == {8}
        assert all(blocks <= 2 for blocks in _threads(sch, "blockIdx.x"))


def test_without_the_rules_they_would_not() -> None:
    """Only the rules see to it: a machine without units admits other programs."""
    free = Machine(name="free", source="a test", memories=MACHINE.memories)
    sizes = {tuple(_threads(sch, "blockIdx.x")) for _, sch in _programs(constrain(_sketch(), free))}
    assert any(blocks > 2 for (blocks,) in sizes)


@pytest.mark.parametrize("align", [0, 32])
def test_what_lies_in_a_scratchpad_fits(align: int) -> None:
    sketch = constrain(_sketch(align), MACHINE)
    programs = _programs(sketch)
    assert programs
    for assignment, sch in programs:
        held = held_bytes(sch.mod)["shared"]
        assert held <= assignment["shared.bytes"] <= SHARED.capacity
        assert align or held == assignment["shared.bytes"]
        assert not align or assignment["shared.bytes"] > held


def test_a_scratchpad_that_is_too_small_leaves_no_program() -> None:
    tiny = Machine(name="tiny", source="a test", memories=(Memory("shared", "shared", 4),))
    assert not constrain(_sketch(), tiny).problem.is_satisfiable()


def test_a_bound_loop_of_an_extent_that_nobody_knows_limits_nothing() -> None:
    """Split imperfectly, a loop has an extent that no rule can say."""
    mod = IRModule({"main": Gemm(M, K, N).prim_func()})
    sch = Schedule(mod)
    i, _, _ = sch.get_loops(sch.get_sblock("C"))
    _, inner = sch.split(i, sch.sample_perfect_tile(i, 2))
    outer, _ = sch.split(inner, [None, 5])
    sch.bind(outer, "threadIdx.x")
    constrained = constrain(Sketch(mod, sch.trace), MACHINE)
    assert constrained.problem.is_satisfiable() and constrained.notes


def test_a_program_of_a_size_that_nobody_knows_has_a_scratchpad_all_the_same() -> None:
    rows = te.var("rows")
    x = te.placeholder((rows, 8), "float32", "x")
    func = te.create_prim_func([x, te.compute((rows, 8), lambda i, j: x[i, j] + 1, "y")])
    mod = IRModule({"main": func})
    assert constrain(Sketch(mod, Schedule(mod).trace), MACHINE).problem.is_satisfiable()
