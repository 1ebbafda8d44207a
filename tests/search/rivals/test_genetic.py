"""The genetic rivals' parts: rankings with the right sign, dominance, decoding, variation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heron_ms.search import Preset
from heron_ms.search.rivals.annealing import Annealing, accepted
from heron_ms.search.rivals.chromosomes import Chromosomes
from heron_ms.search.rivals.genetic import Genetic, Population, one_point, redraw, tournament
from heron_ms.search.rivals.infeasibility import (
    SHARE,
    InfeasibilityDriven,
    crowding,
    fronts,
    pareto_order,
    violation_measure,
)
from heron_ms.search.rivals.sat_decoder import SatDecoder
from heron_ms.search.rivals.stochastic_ranking import StochasticRanking, stochastic_ranking
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.testing.planted import Planted

SMALL = Preset(batch=8, population=40, generations=2, parents=16, elites=8)
SEEDS = st.integers(0, 2**31)


def is_feasible(space: SearchSpace, individual: Individual) -> bool:
    """Whether it satisfies its sketch's problem."""
    problem = space.sketches[individual.sketch].problem
    return not problem.check(space.assignment(individual))


QUICK = settings(max_examples=60, deadline=None)


@st.composite
def ranked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 24))
    scores = draw(arrays(np.float64, n, elements=st.integers(-5, 0)))
    return scores, draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0])))


@QUICK
@given(ranked(), SEEDS)
def test_without_luck_violation_decides_then_score(
    pair: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    scores, violation = pair
    order = stochastic_ranking(scores, violation, np.random.default_rng(seed), by_score=0.0)
    assert sorted(order.tolist()) == list(range(len(scores)))
    assert (np.diff(violation[order]) >= 0).all()
    feasible = scores[order][violation[order] == 0]
    assert (np.diff(feasible) <= 0).all()


@QUICK
@given(ranked(), SEEDS)
def test_with_luck_alone_score_decides(pair: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    scores, violation = pair
    order = stochastic_ranking(scores, violation, np.random.default_rng(seed), by_score=1.0)
    assert (np.diff(scores[order]) <= 0).all()


def test_stochastic_ranking_favours_the_feasible_and_the_fast() -> None:
    """Fast infeasible ones are mixed in, slow infeasible ones are last."""
    scores = np.repeat([0.0, -1.0, -2.0], 20)
    violation = np.tile([0.0, 1.0], 30)
    places = np.zeros(60)
    for seed in range(30):
        order = stochastic_ranking(scores, violation, np.random.default_rng(seed))
        places[order] += np.arange(60) / 30
    mean = {
        (s, v): places[(scores == s) & (violation == v)].mean() for s in (0, -2) for v in (0, 1)
    }
    assert mean[0, 0] < mean[-2, 0] < mean[-2, 1]
    assert mean[0, 0] < mean[0, 1] < mean[-2, 1]


OBJECTIVES = arrays(
    np.float64, st.tuples(st.integers(1, 20), st.just(2)), elements=st.integers(0, 5)
)


@QUICK
@given(OBJECTIVES)
def test_a_front_is_dominated_by_earlier_ones_only(objectives: np.ndarray) -> None:
    place = {int(p): k for k, front in enumerate(fronts(objectives)) for p in front}
    assert sorted(place) == list(range(len(objectives)))
    for b, row in enumerate(objectives):
        above = [
            place[a]
            for a, other in enumerate(objectives)
            if all(x <= y for x, y in zip(other, row, strict=True)) and (other < row).any()
        ]
        assert place[b] == (max(above) + 1 if above else 0)


def test_crowding_prefers_the_lonely() -> None:
    distance = crowding(np.array([[0.0, 10.0], [1.0, 9.0], [2.0, 8.0], [9.0, 1.0], [10.0, 0.0]]))
    assert np.isinf(distance[[0, 4]]).all()
    assert distance[3] > distance[1]


def test_the_violation_measure_sums_ranks_within_a_sketch() -> None:
    violations = np.array([[0.0, 0.3], [0.1, 0.3], [0.9, 0.0], [0.9, 0.4]])
    same, apart = np.zeros(4, np.int64), np.array([0, 0, 1, 1])
    assert (violation_measure(violations, same) * 4).tolist() == [1, 2, 2, 4]
    assert (violation_measure(violations, apart) * 2).tolist() == [1, 2, 1, 2]


def test_the_best_infeasible_is_fast_or_nearly_legal() -> None:
    cost = np.array([0.0, 2.0, 1.0, 3.0])
    measure = np.array([2.0, 0.0, 1.0, 3.0])
    assert set(pareto_order(cost, measure)[:3].tolist()) == {0, 1, 2}
    assert pareto_order(cost, measure)[3] == 3


def _population(space: SearchSpace, chromosomes: Chromosomes, seed: int) -> Population:
    rng = np.random.default_rng(seed)
    founders = chromosomes.encoded(space.sample(40, rng), rng)
    genes = np.concatenate([founders, redraw(founders, chromosomes.alphabets, rng)])
    individuals = chromosomes.written_out(genes)
    violations = chromosomes.violations(individuals)
    return Population(genes, tuple(individuals), rng.normal(size=len(genes)), violations)


def test_a_share_of_the_population_is_infeasible(packed_space: SearchSpace) -> None:
    explorer = InfeasibilityDriven(SMALL)
    explorer.begin(packed_space, np.random.default_rng(0))
    population = _population(packed_space, Chromosomes(packed_space), 0)
    kept = explorer.ranked(population)[: SMALL.population]
    infeasible = ~population.feasible[kept]
    share = round(SHARE * SMALL.population)
    assert infeasible.sum() == share and infeasible[:share].all()
    assert (np.diff(population.scores[kept[share:]]) <= 0).all()
    assert not _beaten(population, kept[:share])


def _beaten(population: Population, kept: np.ndarray) -> bool:
    """Whether an infeasible one that was left out dominates one that was kept."""
    infeasible = np.flatnonzero(~population.feasible)
    sketches = np.array([population.individuals[p].sketch for p in infeasible])
    measure = dict(
        zip(
            infeasible.tolist(),
            violation_measure(population.violations[infeasible], sketches).tolist(),
            strict=True,
        )
    )
    out = [p for p in infeasible.tolist() if p not in set(kept.tolist())]
    return any(
        population.scores[a] > population.scores[b] and measure[a] < measure[b]
        for a in out
        for b in kept.tolist()
    )


def test_chromosomes_say_what_individuals_are(packed_space: SearchSpace) -> None:
    rng = np.random.default_rng(0)
    individuals = packed_space.sample(50, rng)
    chromosomes = Chromosomes(packed_space)
    back = chromosomes.written_out(chromosomes.encoded(individuals, rng))
    assert [copy.key for copy in back] == [individual.key for individual in individuals]
    assert not chromosomes.violations(back).any()


def test_feasible_means_what_the_problem_says(packed_space: SearchSpace) -> None:
    population = _population(packed_space, Chromosomes(packed_space), 1)
    feasible = population.feasible.tolist()
    assert feasible == [
        is_feasible(packed_space, individual) for individual in population.individuals
    ]
    assert 0 < sum(feasible) < len(feasible)


def test_a_decoder_makes_solutions_of_anything(packed_space: SearchSpace) -> None:
    explorer, rng = SatDecoder(SMALL), np.random.default_rng(2)
    explorer.begin(packed_space, rng)
    alphabets = Chromosomes(packed_space).alphabets
    genes = np.stack([rng.choice(values, 64) for values in alphabets], axis=1)
    decoded = explorer.expressed(genes)
    assert len(decoded) == 64
    assert all(is_feasible(packed_space, individual) for individual in decoded)
    assert [individual.sketch for individual in decoded] == genes[:, 0].tolist()


def test_a_decoder_leaves_solutions_as_they_are(packed_space: SearchSpace) -> None:
    rng, chromosomes = np.random.default_rng(3), Chromosomes(packed_space)
    individuals = packed_space.sample(30, rng)
    decoded = chromosomes.decoded(chromosomes.encoded(individuals, rng), rng)
    assert [individual.key for individual in decoded if individual] == [
        individual.key for individual in individuals
    ]


@QUICK
@given(st.integers(1, 9), SEEDS)
def test_one_point_crossover(width: int, seed: int) -> None:
    first, second = np.zeros((12, width), np.int64), np.ones((12, width), np.int64)
    child = one_point(first, second, np.random.default_rng(seed))
    assert (np.diff(child, axis=1) >= 0).all() and (child[:, 0] == 0).all()
    assert width == 1 or (child[:, -1] == 1).all()


def test_mutation_stays_in_the_alphabets_and_changes_a_gene_or_so() -> None:
    rng, alphabets = np.random.default_rng(0), [np.arange(100) + 100 * g for g in range(8)]
    genes = np.stack([rng.choice(alphabet, 500) for alphabet in alphabets], axis=1)
    mutated = redraw(genes, alphabets, rng)
    assert all(np.isin(mutated[:, g], alphabet).all() for g, alphabet in enumerate(alphabets))
    assert 0.8 < (mutated != genes).sum(axis=1).mean() < 1.2


def test_a_tournament_favours_the_first() -> None:
    drawn = tournament(10, 4000, np.random.default_rng(0))
    counts = np.bincount(drawn, minlength=10)
    assert counts[0] > 3 * counts[8] > 0 and drawn.max() <= 9


@pytest.mark.parametrize("kind", [StochasticRanking, InfeasibilityDriven])
def test_infeasible_parents_live_but_are_not_measured(
    kind: type[Genetic], packed_space: SearchSpace
) -> None:
    explorer, objective = kind(SMALL), Planted(packed_space)
    explorer.begin(packed_space, np.random.default_rng(0))
    for _ in range(3):
        batch = explorer.ask(8)
        explorer.tell(batch, objective.seconds(batch))
    assert explorer._last is not None
    living = explorer._chromosomes.written_out(explorer._last)
    assert not all(is_feasible(packed_space, individual) for individual in living)
    assert all(
        is_feasible(packed_space, individual) for individual, _ in explorer.measured.values()
    )


def test_a_walk_accepts_what_is_no_worse_and_the_rest_with_its_chance() -> None:
    rng = np.random.default_rng(0)
    assert accepted(np.array([-1.0, 0.0, 1.0]), 0.0, rng).tolist() == [True, True, False]
    rate = accepted(np.ones(20000), 1.0, rng).mean()
    assert rate == pytest.approx(np.exp(-1), abs=0.02)
    assert accepted(np.full(100, -3.0), 0.5, rng).all()


def test_a_walk_cools_down_to_the_best(
    packed_space: SearchSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a model that knows, the chains end far above where random ones start."""
    objective = Planted(packed_space)

    def known(_: Annealing, individuals: Sequence[Individual]) -> np.ndarray:
        return -np.log(objective.seconds(individuals))

    monkeypatch.setattr(Annealing, "score", known)
    explorer = Annealing("default")
    explorer.begin(packed_space, np.random.default_rng(0))
    visited = explorer.explore()
    blind = known(explorer, packed_space.sample(400, np.random.default_rng(1)))
    ends = known(explorer, explorer._chains)
    assert ends.mean() > np.quantile(blind, 0.9) and ends.max() > blind.max()
    assert all(is_feasible(packed_space, visit) for visit in visited)


def test_a_decoder_ranks_the_fast_first(packed_space: SearchSpace) -> None:
    population = _population(packed_space, Chromosomes(packed_space), 2)
    explorer = SatDecoder(SMALL)
    assert (np.diff(population.scores[explorer.ranked(population)]) <= 0).all()


def test_genes_of_one_name_are_one_gene(packed_space: SearchSpace) -> None:
    chromosomes = Chromosomes(packed_space)
    names = {name for decisions in packed_space.decisions for name in decisions.names}
    assert len(chromosomes.alphabets) == 1 + len(names)
    moved = chromosomes.encoded(
        [
            Individual(
                0, packed_space.sketches[0].problem.sample_array(1, np.random.default_rng(0))[0]
            )
        ],
        np.random.default_rng(0),
    )
    moved[0, 0] = 1
    assert chromosomes.written_out(moved)[0].sketch == 1
