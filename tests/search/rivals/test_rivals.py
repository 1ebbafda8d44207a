"""Every strategy without TVM, on an objective that is known.

What MetaSchedule sees of it is in `test_contract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from heron_ms.csp import Le, Problem, Prod, Variable
from heron_ms.search import Preset
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.strategies import STRATEGIES
from heron_ms.testing.planted import Planted
from heron_ms.testing.simulate import Run, simulate

SMALL = Preset(batch=8, population=40, generations=2, parents=16, elites=8, prior_share=0.0)
every = pytest.mark.parametrize("name", STRATEGIES)
rivals = pytest.mark.parametrize("name", [n for n in STRATEGIES if not n.startswith("cga")])


class Constant:
    """An objective that says the same of every individual; infinite: all fail."""

    def __init__(self, seconds: float, *problems: Problem) -> None:
        sketches: list[Any] = [
            SimpleNamespace(problem=p, key=str(k), given_up=()) for k, p in enumerate(problems)
        ]
        self.space, self._seconds = SearchSpace(sketches), seconds

    def seconds(self, individuals: Sequence[Individual]) -> np.ndarray:
        return np.full(len(individuals), self._seconds)


def _explorer(name: str) -> Any:
    return STRATEGIES[name].explorer(SMALL)


def _keys(run: Run) -> list[tuple[int, bytes]]:
    return [individual.key for individual in run.individuals]


@every
def test_it_begins_anew(name: str, packed_space: SearchSpace) -> None:
    explorer, objective = _explorer(name), Planted(packed_space)
    fresh = simulate(explorer, objective, 24, seed=1)
    used = []
    for _ in range(2):
        explorer.begin(packed_space, np.random.default_rng(1))
        for _ in range(3):
            batch = explorer.ask(8)
            used.append([candidate.key for candidate in batch])
            explorer.tell(batch, objective.seconds(batch))
    if explorer.batch == 8:
        assert [key for keys in used[:3] for key in keys] == _keys(fresh)
    assert used[:3] == used[3:]


@every
def test_it_asks_for_nothing_that_it_was_told(name: str, packed_space: SearchSpace) -> None:
    explorer, objective = _explorer(name), Planted(packed_space)
    known = packed_space.sample(24, np.random.default_rng(9))
    explorer.begin(packed_space, np.random.default_rng(0))
    explorer.tell(known, objective.seconds(known))
    asked = {candidate.key for candidate in explorer.ask(16)}
    assert len(asked) == 16 and asked.isdisjoint(individual.key for individual in known)


@pytest.mark.parametrize("name", [n for n in STRATEGIES if n != "random"])
def test_its_rounds_get_better(name: str, packed_space: SearchSpace) -> None:
    objective = Planted(packed_space)
    seconds = np.mean(
        [simulate(_explorer(name), objective, 48, seed).seconds for seed in (0, 1)], axis=0
    )
    assert seconds[-16:].mean() < seconds[:8].mean()


def _small(extent: int) -> Problem:
    factors = [Variable(f"C.i.{p}", (1, 2, 4, 8, 16), "tunable") for p in range(3)]
    rules = [Prod(extent, ("C.i.0", "C.i.1", "C.i.2")), Prod("tile", ("C.i.1", "C.i.2"))]
    return Problem([*factors, Variable("tile", range(1, 257))], [*rules, Le("tile", 8)])


@rivals
@pytest.mark.parametrize("seconds", [float("inf"), 1e-3], ids=["fail", "work"])
def test_a_small_space_is_exhausted(name: str, seconds: float) -> None:
    objective = Constant(seconds, _small(8), _small(2), _small(16))
    counts = [int(sketch.problem.count() or 0) for sketch in objective.space.sketches]
    run = simulate(_explorer(name), objective, 1000, seed=0)
    assert len(run.individuals) == len(set(_keys(run))) == sum(counts)


@rivals
@pytest.mark.parametrize("problem", [Problem([], []), Problem([Variable("one", range(2, 3))], [])])
def test_a_program_without_decisions(name: str, problem: Problem) -> None:
    run = simulate(_explorer(name), Constant(1e-3, problem), 10, seed=0)
    assert len(run.individuals) == 1
