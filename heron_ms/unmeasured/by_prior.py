"""The best of some random programs of `HeronSpace`, by the analytic prior of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Schedule, Target, ms
from heron_ms.constraints import constrain
from heron_ms.errors import HeronError, is_ctrl_c
from heron_ms.hardware import Machine
from heron_ms.search.search_space import SearchSpace
from heron_ms.search.start import ranked_start
from heron_ms.sketch import Sketch
from heron_ms.space_generators.fallback import postprocessors
from heron_ms.space_generators.plan import Chosen, plan_of

DRAWN = 24
"""Programs that are compared, at some hundredths of a second each."""

MOST = 6
"""Sketches that they are drawn from; each takes a few tenths of a second to constrain."""


def scheduled_by_prior(program: IRModule, target: Target, machine: Machine) -> IRModule | None:
    """The function "main" of a program, postprocessed as a candidate to measure would be.

    The same each time. Where the machine has no prior it is the first that was drawn. None where
    no block maps to an intrinsic, and where no program of the space can be made. Raises
    `DynamicShapeError` for extents that are not constant.
    """
    plan = plan_of(program, machine)
    if not plan.sketches:
        return None
    preload_intrinsics()  # else the first context takes a quarter of a minute
    context = ms.TuneContext(mod=program, target=target, num_threads=1, rand_state=1)
    # Not those of a `HeronSpace`, which looks stock's intrinsics up: that takes seconds.
    postprocs = postprocessors()
    for postproc in postprocs:
        postproc._initialize_with_tune_context(context)
    for chosen in (_apart(plan.sketches), plan.sketches):
        sketches = [Sketch(program, one.schedule.trace) for one in chosen]
        made = (sch for sch in _ranked(sketches, machine) if _postprocessed(sch, postprocs))
        best = next(made, None)
        if best is not None:
            return best.mod
    return None


def _apart(sketches: Sequence[Chosen]) -> list[Chosen]:
    """Sketches that differ in where A is copied, their weights where the first one has them.

    It was chosen on 40 measured programs of each of six layers, few for each sketch, and not tried
    on others: what the prior picks of 16 drawn from these takes 1.24 of the best one's time, of 16
    drawn from all sketches 1.42.
    """
    first = [choice.b for _, choice in sketches[0].tensorized]
    alike = [
        sketch for sketch in sketches if [choice.b for _, choice in sketch.tensorized] == first
    ]
    return alike[:: ceil(len(alike) / MOST)]


def _ranked(sketches: list[Sketch], machine: Machine) -> Iterator[Schedule]:
    """Programs of the sketches, the most promising ones first."""
    constrained = [constrain(sketch, machine) for sketch in sketches]
    try:
        space = SearchSpace(constrained)
    except HeronError:
        return
    drawn = space.sample(DRAWN, np.random.default_rng(0))
    for individual in ranked_start(space, drawn, len(drawn), 1.0, machine):
        sketch = space.sketches[individual.sketch]
        try:
            yield sketch.materialize(space.assignment(individual))
        except (HeronError, RuntimeError, ValueError) as error:
            if is_ctrl_c(error):
                raise


def _postprocessed(sch: Schedule, postprocs: list[Any]) -> bool:
    sch.enter_postproc()
    return all(postproc.apply(sch) for postproc in postprocs)
