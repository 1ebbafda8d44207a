"""Recorded sets of a small GEMM whose seconds are a function of the tile factors."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.csp import Eq, columns_of
from heron_ms.hardware import for_target
from heron_ms.space_generators import generate_sketches
from heron_ms.testing.replay_set import Kind, Measured, RecordedSet
from heron_ms.testing.replay_task import Task, described
from heron_ms.workloads import Gemm

SIZES = (64, 64, 64)
TARGET = {"kind": "llvm", "mcpu": "cascadelake", "num-cores": 1}
FIXED = {"C.k.1": 4}
FAILING = 7
"""One row in so many of a full set is a failure."""
SAMPLED = 300


def synthetic(full: bool) -> RecordedSet:
    """The set, made as the benchmark `record` makes one but without measuring."""
    target = Target(TARGET)
    sketches = generate_sketches(
        IRModule({"main": Gemm(*SIZES, weight="packed").prim_func()}), target
    )
    made = [constrain(sketch, for_target(target)) for sketch in sketches[:2]]
    head = {
        "name": f"synthetic-{'full' if full else 'sampled'}",
        "operator": "gemm",
        "sizes": list(SIZES),
        "weight": "packed",
        "full": full,
        "fixed": FIXED if full else {},
        "target": TARGET,
    }
    if full:
        made = [_narrowed(sketch) for sketch in made]
    data = json.loads(json.dumps(described(head, sketches[0].mod, made)))
    task = Task.from_json(data)
    return RecordedSet(task, [_measured(task, number) for number in range(len(made))])


def planted(task: Task, sketch: int, values: NDArray[np.int64]) -> NDArray[np.float64]:
    """Seconds, float64 [n]: least for register tiles of 8 by 2, a little more in later sketches."""
    at = {name: column for name, column in zip(task.names(sketch), values.T, strict=True)}
    away = abs(np.log2(at["C.i.3"] / 8)) + abs(np.log2(at["C.j.3"] / 2)) + np.log2(at["C.i.0"]) / 4
    return np.asarray(1e-4 * (1.0 + away + 0.1 * sketch))


def _narrowed(sketch: ConstrainedSketch) -> ConstrainedSketch:
    fixed = [Eq(name, value, rule="fixed") for name, value in FIXED.items()]
    return replace(sketch, problem=sketch.problem.with_constraints(*fixed))


def _measured(task: Task, number: int) -> Measured:
    problem = task.constrained[number].problem
    count = (problem.count() or 0) if task.full else SAMPLED
    rows = problem.sample_array(count, np.random.default_rng(number))
    values = columns_of(problem, task.names(number), rows)
    failed = (np.arange(len(values)) % FAILING == 0) if task.full else np.zeros(len(values), bool)
    seconds = np.where(failed, np.inf, planted(task, number, values))
    kinds = np.where(failed, Kind.NOT_RUN, Kind.OK).astype(np.uint8)
    return Measured(values, seconds, kinds)
