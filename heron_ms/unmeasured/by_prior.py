"""The best program of `HeronSpace` by the machine's prior, of some that its sieve let through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np

from heron_ms._preload import without_intrinsics
from heron_ms._tvm import IRModule, Schedule, Target, ms
from heron_ms.constraints import constrain
from heron_ms.errors import HeronError, is_ctrl_c
from heron_ms.hardware import Machine
from heron_ms.search.search_space import SearchSpace
from heron_ms.search.start import ranked_start, sieved_sample
from heron_ms.sketch import Sketch
from heron_ms.space_generators.fallback import postprocessors
from heron_ms.space_generators.plan import Blocks, Tiled, plan_of, tensorized
from heron_ms.tensorize import NoMatch, Reason

DRAWN = 24
"""Programs that are compared, at some hundredths of a second each."""

SIEVED = 12
"""The same where a sieve knew how the sketches go through their operands, and chose them."""

MOST = 6
"""Sketches that they are drawn from; each takes a few tenths of a second to constrain."""


def scheduled_by_prior(program: IRModule, target: Target, machine: Machine) -> IRModule | None:
    """The function "main" of a program, postprocessed as a candidate to measure would be.

    The same each time. Where the machine has no prior it is the first that was drawn. None where
    no block maps to an intrinsic, and where no program of the space can be made. Raises
    `DynamicShapeError` for extents that are not constant.
    """
    for selection in (_apart, _others):
        plan = plan_of(program, machine, selection)
        if not any(_is_tiled(block) for block in plan.blocks):
            return None
        sketches = [Sketch(program, chosen.schedule.trace) for chosen in plan.sketches]
        postprocs = _postprocessors(program, target)
        made = (sch for sch in _ranked(sketches, machine) if _postprocessed(sch, postprocs))
        best = next(made, None)
        if best is not None:
            return best.mod
    return None


def _is_tiled(block: Tiled | NoMatch) -> bool:
    """Whether some sketch tiles a block, be it one that was not made."""
    return not isinstance(block, NoMatch) or block.reason is Reason.REST


def _others(sketches: Sequence[Blocks]) -> list[Blocks]:
    """All but those apart."""
    apart = set(map(id, _apart(sketches)))
    return [blocks for blocks in sketches if id(blocks) not in apart]


def _apart(sketches: Sequence[Blocks]) -> list[Blocks]:
    """Sketches that differ in where A is copied, their weights where the first one has them.

    It was chosen on 40 measured programs of each of six layers, few for each sketch, and not tried
    on others: what the prior picks of 16 drawn from these takes 1.24 of the best one's time, of 16
    drawn from all sketches 1.42.
    """
    copied = [[choice.b for _, choice in tensorized(blocks)] for blocks in sketches]
    alike = [blocks for blocks, b in zip(sketches, copied, strict=True) if b == copied[0]]
    return alike[:: max(1, ceil(len(alike) / MOST))]


def _ranked(sketches: list[Sketch], machine: Machine) -> Iterator[Schedule]:
    """Programs of the sketches, the most promising ones first."""
    constrained = [constrain(sketch, machine) for sketch in sketches]
    try:
        space = SearchSpace(constrained)
    except HeronError:
        return
    known = all(sketch.blockings for sketch in space.sketches)
    count = SIEVED if known else DRAWN
    drawn = sieved_sample(space, count, np.random.default_rng(0), machine)
    for individual in ranked_start(space, drawn, len(drawn), 1.0, machine):
        sketch = space.sketches[individual.sketch]
        try:
            yield sketch.materialize(space.assignment(individual))
        except (HeronError, RuntimeError, ValueError) as error:
            if is_ctrl_c(error):
                raise


def _postprocessors(program: IRModule, target: Target) -> list[Any]:
    # Not those of a `HeronSpace`, which imports TVM's intrinsics, as a context does by itself.
    with without_intrinsics():
        context = ms.TuneContext(mod=program, target=target, num_threads=1, rand_state=1)
    postprocs = postprocessors()
    for postproc in postprocs:
        postproc._initialize_with_tune_context(context)
    return postprocs


def _postprocessed(sch: Schedule, postprocs: list[Any]) -> bool:
    sch.enter_postproc()
    return all(postproc.apply(sch) for postproc in postprocs)
