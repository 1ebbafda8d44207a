"""The search is exact: it equals the published optima, and brute force on small layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.memory import Memory
from heron_ms.interstellar.nest.evaluate import evaluate
from heron_ms.interstellar.nest.layer import LOOPS, Layer
from heron_ms.interstellar.nest.mapping import Factor, Mapping
from heron_ms.interstellar.optimise.blocking import best_blocking
from heron_ms.interstellar.optimise.blocking_problem import blocking_problem, temporal
from heron_ms.interstellar.optimise.objective import EnergyObjective
from heron_ms.interstellar.optimise.orders import orders
from heron_ms.interstellar.published.formats import machine_of
from heron_ms.interstellar.published.hints import Hints
from tests.interstellar.golden_cases import Case, cases, data


@pytest.mark.parametrize("case", cases(), ids=str)
def test_the_optimum_is_the_published_one(case: Case) -> None:
    best = best_blocking(case.layer, case.machine, case.hints)
    assert best is not None
    best.mapping.check(case.layer, case.machine)
    assert best.cost.energy == pytest.approx(case.energy, rel=1e-9)


SMALL = st.builds(
    Layer,
    FX=st.sampled_from([1, 3]),
    FY=st.sampled_from([1, 2]),
    OX=st.sampled_from([1, 4]),
    OY=st.sampled_from([2, 3]),
    OC=st.sampled_from([1, 2, 6]),
    IC=st.sampled_from([1, 4]),
    ON=st.sampled_from([1, 2]),
    stride_w=st.sampled_from([1, 2]),
)


def _machine(inner: int, outer: int) -> Accelerator:
    levels = (
        Memory("L0", "local", inner, energy=1.0),
        Memory("L1", "shared", outer, energy=7.0),
        Memory("DRAM", "global", 2**30, energy=200.0),
    )
    return Accelerator(name="small", source="a test", memories=levels, mac_registers=1)


@given(SMALL, st.sampled_from([10, 24]), st.sampled_from([64, 200]))
@settings(max_examples=12, deadline=None)
def test_no_blocking_is_better(layer: Layer, inner: int, outer: int) -> None:
    """Every solution of the CSP, all at once; and some of them in every order of every level."""
    machine = _machine(inner, outer)
    problem = blocking_problem(layer, machine, Hints())
    rows = problem.sample(10**6, np.random.default_rng(0))
    best = best_blocking(layer, machine)
    assert best is not None
    objective = EnergyObjective(layer, machine, Hints())
    every = {name: np.array([row[name] for row in rows], float) for name in objective.names}
    assert best.cost.energy == pytest.approx(float(objective.value(every).min()))
    chosen = rows if len(rows) <= 60 else rows[:: len(rows) // 60]
    assert best.cost.energy <= min(_least(layer, machine, row) for row in chosen) * (1 + 1e-12)


def _least(layer: Layer, machine: Accelerator, row: dict[str, int]) -> float:
    """A level's order matters to that level alone, so the best of each may be combined."""
    costs = []
    for order in orders():
        levels = [[Factor(o, row[temporal(v, o)]) for o in order] for v in range(3)]
        costs.append(evaluate(layer, machine, Mapping(tuple(map(tuple, levels)))))
    return sum(min(cost.levels[v].total for cost in costs) for v in range(3))


@given(SMALL, st.integers(20, 200), st.integers(1, 400))
@settings(max_examples=15, deadline=None)
def test_a_larger_buffer_never_costs_more(layer: Layer, size: int, more: int) -> None:
    small, large = _machine(20, size), _machine(20, size + more)
    costs = [best_blocking(layer, machine) for machine in (small, large)]
    assert costs[0] is not None and costs[1] is not None
    assert costs[1].cost.energy <= costs[0].cost.energy


@given(SMALL, st.integers(20, 200), st.integers(1, 400))
@settings(max_examples=15, deadline=None)
def test_a_larger_buffer_never_causes_more_traffic(layer: Layer, size: int, more: int) -> None:
    """Where only the outermost memory costs anything."""
    words = []
    for capacity in (size, size + more):
        machine = _machine(20, capacity)
        free = [replace(level, energy=0.0) for level in machine.memories[:-1]]
        best = best_blocking(layer, replace(machine, memories=(*free, machine.memories[-1])))
        assert best is not None
        words.append(sum(best.cost.levels[-1].words.values()))
    assert words[1] <= words[0]


def test_what_is_fixed_is_kept() -> None:
    case = cases()[0]
    hints = replace(case.hints, temporal={**case.hints.temporal, (1, "IC"): 24})
    best = best_blocking(case.layer, case.machine, hints)
    assert best is not None and best.mapping.temporal(1, "IC") == 24
    assert best.mapping.spatial(0, "OY") == 28
    assert best.cost.energy >= case.energy


def test_nothing_below_a_bound() -> None:
    case = cases()[0]
    assert best_blocking(case.layer, case.machine, case.hints, below=case.energy * 0.99) is None


def test_a_capacity_that_fits_nothing_is_named() -> None:
    case = cases()[0]
    tiny = replace(case.machine.memories[0], capacity=4)
    machine = replace(case.machine, memories=(tiny, *case.machine.memories[1:]))
    with pytest.raises(ModelError, match="RF") as caught:
        best_blocking(case.layer, machine)
    assert "\n" not in str(caught.value)


def test_hints_for_levels_and_units_that_are_not_there() -> None:
    case = cases()[0]
    with pytest.raises(ModelError, match="loop OC has level3"):
        best_blocking(case.layer, case.machine, Hints(temporal={(3, "OC"): 2}))
    with pytest.raises(ModelError, match="level0 is partitioned into 300, but has 256"):
        best_blocking(case.layer, case.machine, Hints(spatial={(0, "OC"): 300}))


def test_every_loop_is_covered_where_an_array_rounds_up() -> None:
    layer = Layer(FX=1, FY=1, OX=1, OY=1, OC=50, IC=30, ON=1)
    best = best_blocking(layer, cases()[0].machine, Hints(spatial={(0, "OC"): 16}))
    assert best is not None
    best.mapping.check(layer, cases()[0].machine)
    assert set(LOOPS) >= {factor.loop for level in best.mapping.levels for factor in level}


ONE = Layer(FX=1, FY=1, OX=1, OY=1, OC=1, IC=1, ON=1)
PLAIN = machine_of(data()["arch"]["3_level_mem_baseline"])


def test_a_layer_that_leaves_no_choice() -> None:
    best = best_blocking(ONE, replace(PLAIN, arrays=()))
    assert best is not None
    assert best.cost == evaluate(ONE, replace(PLAIN, arrays=()), best.mapping)


def test_a_strided_layer_reads_its_input() -> None:
    layer = Layer(FX=3, FY=3, OX=4, OY=4, OC=8, IC=8, ON=2, stride_w=2, stride_h=2)
    best = best_blocking(layer, replace(PLAIN, arrays=()))
    assert best is not None
    assert all(level.words["I"] > 0 for level in best.cost.levels)


def test_a_level_that_holds_no_word_is_named() -> None:
    with pytest.raises(ModelError, match="level RF: 512 bytes hold no word of 1000000 bits"):
        best_blocking(ONE, replace(PLAIN, precision=10**6))


def test_a_clash_is_a_readable_line() -> None:
    layer = Layer(FX=1, FY=1, OX=10**12, OY=1, OC=1, IC=1, ON=1)
    with pytest.raises(ModelError, match="no blocking fits") as caught:
        best_blocking(layer, PLAIN, Hints())
    assert len(str(caught.value)) < 400
