"""Random programs of HeronSpace, scored by the analytic prior and measured on this CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import tvm

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.constraints import constrain
from heron_ms.hardware import host
from heron_ms.interstellar.prior import prior_scores
from heron_ms.measure.records import seconds_of
from heron_ms.normalization import normalize
from heron_ms.space_generators import generate_sketches
from heron_ms.workloads import OPERATORS


def measured(
    name: str, case: tuple[int, ...], samples: int, seed: int
) -> tuple[list[float], list[float]]:
    """Scores and seconds of random programs of an operator, the sketches taking turns."""
    preload_intrinsics()
    here, rng = host().with_cores(1), np.random.default_rng(seed)
    target = Target(here.target(1))
    workload = OPERATORS[name].of(case, weight="packed")
    found = generate_sketches(normalize(IRModule({"main": workload.prim_func()})), target)
    sketches = [constrain(sketch, here) for sketch in found]
    scores, seconds = [], []
    for number in range(samples):
        sketch = sketches[number % len(sketches)]
        (assignment,) = sketch.problem.sample(1, rng)
        scores.append(float(prior_scores(sketch, [assignment], here)[0]))
        seconds.append(_seconds(sketch.materialize(assignment).mod, target, workload, rng))
    return scores, seconds


def _seconds(mod: Any, target: Any, workload: Any, rng: Any) -> float:
    """The lower quartile of many short runs, as all measurements of heron_ms."""
    a, b = workload.random_inputs(rng)
    result = workload.reference(a, b).astype("int32")
    tensors = [tvm.runtime.tensor(array) for array in (a, workload.arrange(b), result)]
    timer = (
        tvm_compile(mod, target=target)
        .jit()
        .time_evaluator("main", tvm.cpu(), number=1, repeat=15, min_repeat_ms=1)
    )
    return seconds_of(timer(*tensors).results)
