"""Crossover and mutation keep their offspring solvable, and in the constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms._tvm import Schedule, ms
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.csp import Problem
from heron_ms.hardware import for_target
from heron_ms.mutators import MutateAssignment, constrained_mutators, crossover, mutate
from heron_ms.sketch import Sketch, sampling
from heron_ms.space_generators import HeronSpace


@pytest.fixture(scope="module")
def context(gemm: Callable[..., Any], dlboost: Any) -> Any:
    from heron_ms._preload import preload_intrinsics

    preload_intrinsics()
    return ms.TuneContext(
        mod=gemm(128, 256, 192),
        target=dlboost,
        space_generator=HeronSpace(),
        num_threads=1,
        rand_state=7,
    )


@pytest.fixture(scope="module")
def sketches(context: Any, dlboost: Any) -> list[ConstrainedSketch]:
    made = [Sketch(context.mod, schedule.trace) for schedule in context.generate_design_space()]
    return [constrain(sketch, for_target(dlboost)) for sketch in made]


@pytest.fixture(scope="module")
def problem(sketches: list[ConstrainedSketch]) -> Problem:
    return sketches[0].problem


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.05, 1.0))
def test_children_take_after_their_parents(problem: Problem, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = problem.sample(2, rng)
    count = max(1, int(share * len(problem.names)))
    keys = [str(name) for name in rng.choice(problem.names, size=count, replace=False)]
    inherited = crossover(first, second, keys)
    assert [
        constraint for p in (first, second) for constraint in inherited if not constraint.holds(p)
    ] == []
    child = problem.sample(1, rng, *inherited)[0]
    assert problem.check(child) == []
    assert all(child[key] in (first[key], second[key]) for key in keys)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_mutation_forgets_one_constraint(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = problem.sample(2, rng)
    inherited = crossover(first, second, problem.names[:6])
    kept = mutate(inherited, rng)
    assert len(kept) == len(inherited) - 1
    assert set(map(str, kept)) < set(map(str, inherited))
    assert problem.is_satisfiable(*kept)


def test_nothing_inherited_nothing_to_forget(rng: np.random.Generator) -> None:
    assert mutate([], rng) == []
    assert crossover({"a": 1}, {"a": 2}, []) == []


def test_parents_that_agree_leave_one_value(problem: Problem, rng: np.random.Generator) -> None:
    parent = problem.sample(1, rng)[0]
    assert problem.sample(3, rng, *crossover(parent, parent, problem.names)) == [parent]


def test_a_mutated_trace_stays_in_the_constraints(
    context: Any, sketches: list[ConstrainedSketch], rng: np.random.Generator
) -> None:
    mutator = MutateAssignment()
    mutator._initialize_with_tune_context(context)
    for sketch in sketches[:3]:
        trace = sketch.materialize(sketch.problem.sample(1, rng)[0]).trace
        for _ in range(10):
            mutated = mutator.apply(trace)
            assert mutated is not None
            assert sketch.assignment_of(mutated) is not None
            sch = Schedule(context.mod)
            mutated.apply_to_schedule(sch, remove_postproc=True)
            assert sketch.assignment_of(sch.trace) == sketch.assignment_of(mutated)
            assert _changed(sketch, trace, mutated) <= 1
            trace = mutated


def _changed(sketch: ConstrainedSketch, old: Any, new: Any) -> int:
    """How many of the sampling instructions decide otherwise."""
    before = [str(old.get_decision(inst)) for inst in sampling(old)]
    after = [str(new.get_decision(inst)) for inst in sampling(new)]
    return sum(b != a for b, a in zip(before, after, strict=True))


def test_a_trace_outside_the_constraints_is_brought_in(
    context: Any, sketches: list[ConstrainedSketch], rng: np.random.Generator
) -> None:
    sketch = sketches[0]
    trace = sketch.materialize(sketch.problem.sample(1, rng)[0]).trace
    first = sampling(trace)[0]
    outside = trace.with_decision(first, [1, 1, 1, 128], True)
    assert sketch.assignment_of(outside) is None
    mutator = MutateAssignment()
    mutator._initialize_with_tune_context(context)
    assert sketch.assignment_of(mutator.apply(outside)) is not None


def test_a_clone_works_in_another_task(
    context: Any, sketches: list[ConstrainedSketch], rng: np.random.Generator
) -> None:
    clone = MutateAssignment().clone()
    clone._initialize_with_tune_context(context)
    trace = sketches[0].materialize(sketches[0].problem.sample(1, rng)[0]).trace
    assert clone.apply(trace) is not None


def test_the_probabilities_of_a_space_add_up() -> None:
    assert sum(constrained_mutators().values()) == pytest.approx(1.0)
