"""What every search strategy promises, as tests to inherit.

    class TestMine(StrategyContract):
        def strategy(self):
            return ConstrainedSearch(MyExplorer())

The class must be importable from its module: one test starts another process. Nothing is built and
no particular CPU is needed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, Target, ms
from heron_ms.constraints import constrain
from heron_ms.hardware import for_target, machine
from heron_ms.measure.recording import commit
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.sketch import Sketch
from heron_ms.testing.driver import context_of, flat, identity, search
from heron_ms.testing.planted import Planted
from heron_ms.workloads.gemm import Gemm

TARGET = machine("cascadelake").with_cores(2).target()

SEEDS = (1, 2, 3, 4, 5)
"""Searches that beat random on average; a single one has bad luck now and then."""

_PROGRAM = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[1])
print(getattr(importlib.import_module(sys.argv[2]), sys.argv[3])().digest(int(sys.argv[4])))
"""


class StrategyContract:
    """Tests of the strategy that `strategy` makes, on a GEMM of 64 x 64 x 64 for AVX512-VNNI.

    ``trials`` are those of a short search; ``learns`` is false for a strategy that does not.
    """

    trials = 20
    learns = True

    def strategy(self) -> Any:
        """A new MetaSchedule search strategy, the same each time."""
        raise NotImplementedError

    def test_candidates_are_feasible_distinct_and_within_budget(self) -> None:
        individuals = [self._individual(candidate) for candidate in self._searched()]
        assert (
            len(individuals) == len({individual.key for individual in individuals}) == self.trials
        )
        for individual in individuals:
            problem = self._space().sketches[individual.sketch].problem
            assert not problem.check(self._space().assignment(individual))

    def test_it_fills_rounds_of_any_size(self) -> None:
        context = self._context()
        sizes = [len(batch) for batch in search(context, self.trials, lambda _: 1e-3, per_round=6)]
        assert max(sizes) <= 6 and sum(sizes) == self.trials

    def test_a_seed_is_a_search_in_another_process(self) -> None:
        first = self.digest(3)
        assert first != self.digest(4)
        arguments = (json.dumps(sys.path), type(self).__module__, type(self).__qualname__, "3")
        command = [sys.executable, "-c", _PROGRAM, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split()[-1] == first

    def test_it_ends_when_all_fail(self) -> None:
        candidates = flat(search(self._context(), self.trials, lambda _: None))
        assert len({identity(candidate) for candidate in candidates}) == self.trials

    def test_it_ends_when_some_fail(self) -> None:
        def half(candidate: Any) -> float | None:
            digest = hashlib.sha256(identity(candidate).encode()).digest()
            return None if digest[0] % 2 else 1e-3

        assert len(flat(search(self._context(), self.trials, half))) == self.trials

    def test_it_resumes(self) -> None:
        database = ms.database.MemoryDatabase()
        context = self._context()
        first = flat(search(context, self.trials // 2, self._measure))
        for candidate in first:
            commit(database, context, candidate, [self._measure(candidate)])
        resuming = context_of(_module(), Target(TARGET), self.strategy().resuming(), 1)
        rest = flat(search(resuming, self.trials, self._measure, database))
        assert len(rest) == self.trials - len(first)
        assert {identity(candidate) for candidate in first}.isdisjoint(map(identity, rest))

    def test_a_clone_searches_on_its_own(self) -> None:
        context = self._context()
        clone = context.clone()
        assert len(flat(search(context, 8, self._measure))) == 8
        assert len(flat(search(clone, 8, self._measure))) == 8

    def test_it_beats_random_on_a_planted_optimum(self) -> None:
        if not self.learns:
            return
        best = [
            min(map(self._measure, flat(search(self._context(seed), 48, self._measure))))
            for seed in SEEDS
        ]
        assert np.mean(best) < _blind(48)

    def digest(self, seed: int) -> str:
        """What a search from a seed proposes, in short."""
        candidates = flat(search(self._context(seed), self.trials, self._measure))
        return hashlib.sha256("".join(map(identity, candidates)).encode()).hexdigest()

    def _context(self, seed: int = 1) -> Any:
        return context_of(_module(), Target(TARGET), self.strategy(), seed)

    def _searched(self) -> list[Any]:
        return flat(search(self._context(), self.trials, self._measure))

    def _measure(self, candidate: Any) -> float:
        return float(_planted().seconds([self._individual(candidate)])[0])

    def _individual(self, candidate: Any) -> Individual:
        individual = self._space().individual(candidate.sch.trace)
        assert individual is not None, "a candidate of another space"
        return individual

    def _space(self) -> SearchSpace:
        return _planted().space


@cache
def _module() -> IRModule:
    return IRModule({"main": Gemm(64, 64, 64, weight="packed").prim_func()})


@cache
def _planted() -> Planted:
    context = context_of(_module(), Target(TARGET), "replay-trace")
    machine = for_target(context.target)
    sketches = [Sketch(context.mod, sch.trace) for sch in context.generate_design_space()]
    return Planted(SearchSpace([constrain(sketch, machine) for sketch in sketches]))


@cache
def _blind(trials: int) -> float:
    """The best of so many random solutions, on average, in seconds."""
    planted = _planted()
    rng = np.random.default_rng(0)
    draws = [planted.seconds(planted.space.sample(trials, rng)) for _ in range(40)]
    return float(np.mean([draw.min() for draw in draws]))
