"""Random search is uniform; FlexTensor's walk: its moves, its heap, its network."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.csp import Decisions, Le, Problem, Prod, Variable
from heron_ms.search.moves import Shift, Step, moved, neighbours, subspaces
from heron_ms.search.rivals.qnetwork import Network, Transition, train
from heron_ms.search.rivals.random import UniformRandom
from heron_ms.search.rivals.walk import AllDirections, Heap
from heron_ms.search.rivals.walk_q import LEAST, QDirections, gained
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.testing.planted import Planted

SEEDS = st.integers(0, 2**31)


def space_of(*problems: Problem) -> SearchSpace:
    """The search space of some problems, as if each were a sketch's."""
    sketches: list[Any] = [
        SimpleNamespace(problem=p, key=str(k), given_up=()) for k, p in enumerate(problems)
    ]
    return SearchSpace(sketches)


def walked(explorer: AllDirections, space: SearchSpace, rounds: int) -> list[Individual]:
    """What a walk asks for in rounds of 8."""
    objective, asked = Planted(space), list[Individual]()
    explorer.begin(space, np.random.default_rng(0))
    for _ in range(rounds):
        batch = explorer.ask(8)
        explorer.tell(batch, objective.seconds(batch))
        asked += batch
    return asked


def _split(extent: int, unroll: tuple[int, ...] = (0, 4, 16)) -> Problem:
    divisors = tuple(d for d in range(1, extent + 1) if extent % d == 0)
    factors = [Variable(f"i.{p}", divisors, "tunable") for p in range(3)]
    others = [Variable("unroll", unroll, "tunable"), Variable("tile", range(1, 4096))]
    tile = Prod("tile", ("i.1", "i.2"))
    return Problem([*factors, *others], [Prod(extent, ("i.0", "i.1", "i.2")), tile, Le("tile", 24)])


@pytest.mark.parametrize("exact", [True, False], ids=["few", "many"])
def test_every_solution_of_every_sketch_is_as_likely(
    exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exact:
        monkeypatch.setattr("heron_ms.search.rivals.random.MOST_EXACT", 0)
    space = space_of(_split(2), _split(12), _split(64))
    counts = [int(sketch.problem.count() or 0) for sketch in space.sketches]
    assert len(set(counts)) == 3
    seen: Counter[tuple[int, bytes]] = Counter()
    explorer, draws, batches = UniformRandom(), 6 if exact else 2, 800
    for seed in range(batches):
        explorer.begin(space, np.random.default_rng(seed))
        seen.update(candidate.key for candidate in explorer.ask(draws))
    total, expected = sum(counts), batches * draws / sum(counts)
    assert sum(seen.values()) == batches * draws and len(seen) == total
    statistic = sum((n - expected) ** 2 / expected for n in seen.values())
    # Chi-squared with total - 1 degrees of freedom: five standard deviations of its mean.
    assert statistic < total - 1 + 5 * math.sqrt(2 * (total - 1))


def test_a_space_too_large_to_count_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Problem, "count", lambda _: None)
    space = space_of(_split(12), _split(64))
    explorer = UniformRandom()
    explorer.begin(space, np.random.default_rng(0))
    assert len(explorer.ask(20)) == 20


def test_a_split_into_d_has_d_times_d_minus_1_directions() -> None:
    groups = subspaces(Decisions(_split(64)))
    assert [len(group) for group in groups] == [6, 2]


@pytest.mark.parametrize(
    ("vector", "expected"),
    [([2, 6, 5], {0: 3, 1: 4}), ([4, 1, 5], None), ([1, 7, 5], {0: 7, 1: 1})],
)
def test_a_factor_goes_to_the_next_divisor(
    vector: list[int], expected: dict[int, int] | None
) -> None:
    assert Shift(0, 1).changes(vector) == expected


def test_a_step_stays_within_the_values() -> None:
    assert Step(0, 1, (0, 4, 16)).changes([4]) == {0: 16}
    assert Step(0, 1, (0, 4, 16)).changes([16]) is None
    assert Step(0, -1, (0, 4, 16)).changes([0]) is None


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_neighbours_are_all_feasible_moves_and_solutions(seed: int) -> None:
    problem, rng = _split(96), np.random.default_rng(seed)
    decisions = Decisions(problem)
    [row] = problem.sample_array(1, rng)
    found = neighbours(Decisions(problem), row, rng)
    assert not decisions.violations(found).any()
    assert len({visit.tobytes() for visit in (*found, row)}) == len(found) + 1
    free = {visit.tobytes() for visit in found[:, decisions.positions]}
    for move in (move for subspace in subspaces(decisions) for move in subspace):
        vector = row[decisions.positions].copy()
        for at, value in (move.changes(vector.tolist()) or {}).items():
            vector[at] = value
        whole = decisions.extended(vector[None])
        legal = not decisions.violations(whole).any()
        if legal and (whole[0] != row).any():
            assert vector.tobytes() in free


def test_a_move_is_projected_where_the_rest_has_to_give_way() -> None:
    """Two splits share a budget: raising one tile needs the other to shrink."""
    names = [Variable(n, (1, 2, 4, 8), "tunable") for n in ("a.0", "a.1", "b.0", "b.1")]
    area = Variable("area", range(1, 65))
    rules = [Prod(8, ("a.0", "a.1")), Prod(8, ("b.0", "b.1")), Prod("area", ("a.1", "b.1"))]
    problem = Problem([*names, area], [*rules, Le("area", 8)])
    decisions = Decisions(problem)
    row = np.array([2, 4, 4, 2, 8])
    place = {name: p for p, name in enumerate(decisions.names)}
    raised = Shift(place["a.1"], place["a.0"])
    [there] = moved(decisions, row[None], [raised], np.random.default_rng(0))
    assert there is not None and there.tolist() == [1, 8, 8, 1, 8]


def test_a_move_without_a_solution_is_dropped() -> None:
    problem = Problem(
        [Variable("a", (1, 2, 4), "tunable"), Variable("b", (1, 2, 4), "tunable")],
        [Prod(4, ("a", "b")), Le("a", 2)],
    )
    decisions, rng = Decisions(problem), np.random.default_rng(0)
    assert neighbours(decisions, np.array([2, 2]), rng).tolist() == [[1, 4]]
    assert neighbours(decisions, np.array([1, 4]), rng).tolist() == [[2, 2]]


def test_a_program_without_variables_has_no_neighbours() -> None:
    found = neighbours(Decisions(Problem([], [])), np.empty(0, np.int64), np.random.default_rng(0))
    assert found.shape == (0, 0)


def _point(value: int) -> Individual:
    return Individual(0, np.array([value]))


def test_a_heap_prefers_the_fast() -> None:
    heap, rng = Heap(), np.random.default_rng(0)
    assert heap.draw(rng) is None
    heap.offer(_point(0), math.inf, rng)
    assert heap.draw(rng) is None
    heap.offer(_point(1), 1e-3, rng)
    for value in range(2, 40):
        heap.offer(_point(value), 20e-3, rng)
    drawn = [heap.draw(rng) for _ in range(100)]
    assert sum(assignment is not None and assignment.row[0] == 1 for assignment in drawn) > 90
    heap.retire(_point(1))
    assert all(start is None or start.row[0] != 1 for start in (heap.draw(rng) for _ in range(20)))


def test_a_heap_takes_equals_alike() -> None:
    heap, rng = Heap(), np.random.default_rng(0)
    for value in range(10):
        heap.offer(_point(value), 1e-3, rng)
    drawn = Counter(int(start.row[0]) for _ in range(500) if (start := heap.draw(rng)))
    assert len(drawn) == 10 and min(drawn.values()) > 20


def test_gradients_are_those_of_the_mean_squared_error() -> None:
    rng = np.random.default_rng(0)
    network = Network(3, 4, rng)
    states, moves, wanted = rng.normal(size=(5, 3)), rng.integers(4, size=5), rng.normal(size=5)

    def loss() -> float:
        return float(((network.values(states)[np.arange(5), moves] - wanted) ** 2).mean())

    for weight, gradient in zip(
        network.weights, network.gradients(states, moves, wanted), strict=True
    ):
        assert weight.shape == gradient.shape
        at = tuple(int(rng.integers(n)) for n in weight.shape)
        before, small = weight[at], 1e-6
        weight[at] = before + small
        above = loss()
        weight[at] = before - small
        slope = (above - loss()) / (2 * small)
        weight[at] = before
        assert gradient[at] == pytest.approx(slope, rel=1e-3, abs=1e-7)


def test_a_network_learns_which_direction_pays() -> None:
    rng = np.random.default_rng(0)
    network = Network(2, 3, rng)
    states = rng.normal(size=(200, 2))
    seen = [
        Transition(s, move, 1.0 if move == int(s[0] > 0) else -1.0, np.zeros(2))
        for s in states
        for move in (0, 1, 2)
    ]
    for _ in range(8):
        train(network, seen, rng)
    best = network.values(states).argmax(axis=1)
    assert (best == (states[:, 0] > 0)).mean() > 0.85


def test_a_step_goes_where_the_network_says(
    packed_space: SearchSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDirections, "curiosity", 0.0)
    explorer = QDirections()
    explorer.begin(packed_space, np.random.default_rng(0))
    start = packed_space.sample(1, np.random.default_rng(0))[0]
    options = explorer._options(start, {})
    encoding, subspaces_ = explorer._encoding, explorer._subspaces[start.sketch]
    networks = [
        explorer._networks[encoding.subspace(start.sketch, subspace)] for subspace in subspaces_
    ]
    values = [network.values(encoding.state(start)[None])[0] for network in networks]
    wanted = [max(o, key=lambda d: v[d]) for o, v in zip(options, values, strict=True) if o]
    chosen = explorer.steps(start, options)
    assert [candidate.key for candidate in chosen] == [
        o[w].key for o, w in zip([o for o in options if o], wanted, strict=True)
    ]


def test_the_reward_is_a_ratio_within_limits() -> None:
    assert gained(2e-3, 1e-3) == pytest.approx(math.log(2)) == -gained(1e-6, 2e-6)
    assert gained(1e-3, math.inf) == LEAST and gained(1.0, 1e-9) == -LEAST


def test_all_directions_measures_the_neighbours_of_one_start(packed_space: SearchSpace) -> None:
    asked = walked(AllDirections(warm_up=8, size=8), packed_space, 5)
    near = set()
    for candidate in asked:
        decisions = packed_space.decisions[candidate.sketch]
        rows = neighbours(decisions, candidate.row, np.random.default_rng(0))
        near |= {(candidate.sketch, row.tobytes()) for row in rows}
    assert all(candidate.key in near for candidate in asked[8:])


def test_a_step_notes_where_it_came_from(packed_space: SearchSpace) -> None:
    explorer = QDirections(warm_up=8, size=8)
    walked(explorer, packed_space, 6)
    seen = [transition for transitions in explorer._seen.values() for transition in transitions]
    assert len(seen) >= 30
    assert all(LEAST <= item.reward <= -LEAST for item in seen)
    assert explorer.curiosity == pytest.approx(0.8 * math.exp(-0.48))
