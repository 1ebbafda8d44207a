"""Candidates of stock MetaSchedule and of heron_ms: schedules as each side would measure them."""

from __future__ import annotations

from typing import Any

import numpy as np
from tvm.s_tir import meta_schedule as ms

import heron_ms
from heron_ms.testing.observed import instructions
from scripts.bench.harness.console import first_line
from scripts.bench.harness.trials import Candidate


def stock_candidates(
    mod: Any, target: Any, count: int, seed: int, strategy: str
) -> list[Candidate]:
    """The first batch that stock MetaSchedule proposes for measuring, postprocessed."""
    # The random ranking of an untrained XGBoost model comes from numpy's global state.
    np.random.seed(seed)
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator="post-order-apply",
        search_strategy=strategy,
        num_threads=1,
        rand_state=seed + 1,
    )
    context.pre_tuning(
        max_trials=count,
        num_trials_per_iter=count,
        design_spaces=context.generate_design_space(),
        database=ms.database.MemoryDatabase(),
        cost_model=ms.cost_model.XGBModel(num_tuning_cores=1),
    )
    proposed = context.generate_measure_candidates() or []
    context.post_tuning()
    return [_candidate(context.mod, candidate.sch) for candidate in proposed]


def heron_candidates(mod: Any, target: Any, count: int, seed: int) -> list[Candidate]:
    """Random solutions of heron_ms's constraints, an equal share for every sketch, postprocessed.

    One that does not materialise or that a postprocessor rejects is a rejected candidate.
    """
    rng = np.random.default_rng(seed)
    context = ms.TuneContext(
        mod=mod, target=target, space_generator=heron_ms.HeronSpace(), num_threads=1
    )
    sketches = heron_ms.generate_sketches(mod, target)
    shares = [len(part) for part in np.array_split(range(count), len(sketches))]
    return [
        _materialized(sketch, assignment, context)
        for sketch, share in zip(sketches, shares, strict=True)
        for assignment in heron_ms.derive_csp(sketch, target).sample(share, rng)
    ]


def _materialized(sketch: Any, assignment: Any, context: Any) -> Candidate:
    try:
        sch = heron_ms.materialize(sketch, assignment)
        sch.enter_postproc()
        for postproc in context.space_generator.postprocs or []:
            if not postproc.apply(sch):
                return Candidate(sch.mod, rejected=f"rejected by {type(postproc).__name__}")
    except Exception as error:  # any failure is a finding
        return Candidate(sketch.mod, rejected=f"not materialised: {first_line(error)}")
    return _candidate(sketch.mod, sch)


def _candidate(source: Any, sch: Any) -> Candidate:
    return Candidate(sch.mod, _multiplies_by_intrinsic(sch.mod), "", source, sch.trace)


def _multiplies_by_intrinsic(module: Any) -> bool:
    """Whether the program, before LLVM sees it, calls an instruction of the CPU's by name.

    Packing needs none, so in a GEMM of integers it is the dot product.
    """
    return bool(instructions(module["main"]))
