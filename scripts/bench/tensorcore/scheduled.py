"""Random programs of a space for TensorCores, as far as its postprocessors let them pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from tvm.s_tir import meta_schedule as ms

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target
from heron_ms.constraints import constrain
from heron_ms.hardware.tensorcore import SHARED, TensorCore
from heron_ms.testing import spread
from scripts.bench.tensorcore.cases import OURS, Case
from scripts.bench.tensorcore.stock_target import stock_target

Program = tuple[IRModule, int]
"""A scheduled module, and the bytes of shared memory that its space says it takes; -1 for none."""


def programs(case: Case, count: int, seed: int) -> Iterator[Program | None]:
    """Programs drawn at random; None in place of one that is refused."""
    mod = IRModule({"main": case.workload.prim_func()})
    draw = _of_ours if case.side == OURS else _of_stock
    for made in draw(mod, case.machine, count, seed):
        yield None if made is None else (made[0].mod, made[1])


def _of_ours(mod: IRModule, gpu: TensorCore, count: int, seed: int) -> Iterator[Any]:
    """Random assignments of the constraints of all sketches, in turn."""
    mod = heron_ms.normalize(mod)
    target = Target(gpu.target())
    context = ms.TuneContext(
        mod=mod, target=target, space_generator=heron_ms.HeronSpace(), num_threads=1
    )
    postprocs = list(context.space_generator.postprocs or [])
    sketches = [constrain(made, gpu) for made in heron_ms.generate_sketches(mod, target)]
    for index, assignment in spread(sketches, count, np.random.default_rng(seed)):
        sch = sketches[index].materialize(assignment)
        shared = sketches[index].held(SHARED, assignment)
        yield (sch, shared) if _passes(sch, postprocs) else None


def _of_stock(mod: IRModule, gpu: TensorCore, count: int, seed: int) -> Iterator[Any]:
    """Random decisions of the traces that stock's rules for TensorCores make, in turn."""
    target = stock_target(gpu)
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator="post-order-apply",
        num_threads=1,
        rand_state=seed + 1,
    )
    postprocs = list(context.space_generator.postprocs or [])
    traces = [sketch.trace for sketch in context.generate_design_space()]
    tensorized = [trace for trace in traces if "wmma" in str(trace)] or traces
    for number in range(count):
        sch = Schedule(mod, seed=seed + number + 1)
        trace = tensorized[number % len(tensorized)]
        yield (sch, -1) if _redrawn(trace, sch) and _passes(sch, postprocs) else None


def _redrawn(trace: Any, sch: Schedule) -> bool:
    """Whether a trace without its decisions, which are then drawn anew, is a schedule."""
    try:
        type(trace)(trace.insts, {}).apply_to_schedule(sch, remove_postproc=True)
    except RuntimeError:  # what TVM's own search throws away
        return False
    return True


def _passes(sch: Schedule, postprocs: list[Any]) -> bool:
    sch.enter_postproc()
    return all(postproc.apply(sch) for postproc in postprocs)
