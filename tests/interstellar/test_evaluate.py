"""The rule equals the published tool, level by level; a mapping that does not fit is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator, Array
from heron_ms.hardware.memory import Memory
from heron_ms.interstellar.nest.evaluate import evaluate, evaluate_copies
from heron_ms.interstellar.nest.layer import LOOPS, Layer
from heron_ms.interstellar.nest.mapping import Factor, Mapping
from tests.interstellar.golden_cases import Case, cases

ROOMY = Accelerator(
    name="roomy",
    source="a test",
    memories=(
        Memory("RF", "local", 2**40, energy=1.0),
        Memory("L", "shared", 2**40, energy=5.0),
        Memory("DRAM", "global", 2**40, energy=200.0),
    ),
    arrays=(Array(0, 64, 64, 0.1),),
)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_every_level_equals_the_published_tool(case: Case) -> None:
    cost = evaluate(case.layer, case.machine, case.mapping)
    assert [level.name for level in cost.levels] == ["RF", "array", "buffer", "DRAM"]
    assert [level.total for level in cost.levels] == pytest.approx(case.level_energy, rel=1e-9)
    assert cost.energy == pytest.approx(case.energy, rel=1e-9)


def test_what_comes_with_the_energy() -> None:
    case = next(c for c in cases() if str(c) == "tpu-3_level_mem_64Reg_asic-alex_conv3_batch1")
    cost = evaluate(case.layer, replace(case.machine, mac_energy=0.075), case.mapping)
    assert cost.label == "OC|IC"
    assert cost.utilization == 1.0
    assert cost.macs == 3 * 3 * 13 * 13 * 384 * 256
    assert cost.ideal_cycles == cost.macs // 256
    assert cost.mac_energy == pytest.approx(0.075 * cost.macs)
    assert cost.total_energy == cost.energy + cost.mac_energy
    assert cost.dominant.name == "DRAM"
    assert sum(cost.levels[-1].words.values()) * 200 == pytest.approx(cost.levels[-1].total)


def test_a_slow_memory_holds_the_multipliers_up() -> None:
    case = cases()[0]
    dram = replace(case.machine.memories[-1], words_per_cycle=0.05)
    machine = replace(case.machine, memories=(*case.machine.memories[:-1], dram))
    cost = evaluate(case.layer, machine, case.mapping)
    assert cost.cycles == sum(cost.levels[-1].words.values()) / 0.05 > cost.ideal_cycles


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.levels[:2], "the mapping has 2 levels, the machine 3"),
        (lambda m: (m.levels[0], m.levels[1], ()), "does not cover"),
        (lambda m: ((*m.levels[0], Factor("IC", 48)), m.levels[1][1:], m.levels[2]), "level RF: "),
        (lambda m: ((*m.levels[0], Factor("IC", 1, 64)), *m.levels[1:]), "spatial factors make"),
    ],
)
def test_a_mapping_that_does_not_fit(change: object, message: str) -> None:
    case = cases()[0]
    assert callable(change)
    mapping = Mapping(change(case.mapping))
    with pytest.raises(ModelError, match=message):
        evaluate(case.layer, case.machine, mapping)


def test_a_loop_twice_at_one_level() -> None:
    with pytest.raises(ModelError, match="level 0: loop OX comes twice"):
        Mapping(((Factor("OX", 2), Factor("OX", 2)),))


FACTOR = st.sampled_from([1, 2, 3])


@st.composite
def _without_halo(draw: st.DrawFn) -> tuple[Layer, Mapping]:
    """A matrix product and a mapping that covers it exactly."""
    loops = ("OC", "IC", "ON")
    levels = []
    for level in range(3):
        order = draw(st.permutations(loops))
        side = {loop: draw(FACTOR) if level == 0 else 1 for loop in loops}
        levels.append(tuple(Factor(loop, draw(FACTOR), side[loop]) for loop in order))
    mapping = Mapping(tuple(levels))
    extents = dict.fromkeys(LOOPS, 1)
    for loop in loops:
        for level in range(3):
            extents[loop] *= mapping.temporal(level, loop) * mapping.spatial(level, loop)
    return Layer(**extents), mapping


@given(_without_halo())
@settings(max_examples=150, deadline=None)
def test_copies_equal_the_rule_where_there_is_no_halo(case: tuple[Layer, Mapping]) -> None:
    layer, mapping = case
    rule, copies = (model(layer, ROOMY, mapping) for model in (evaluate, evaluate_copies))
    for ours, theirs in zip(copies.levels, rule.levels, strict=True):
        assert ours.words == pytest.approx(theirs.words)
        assert ours.energy == pytest.approx(theirs.energy)


@given(_without_halo())
@settings(max_examples=100, deadline=None)
def test_nothing_is_moved_less_than_once(case: tuple[Layer, Mapping]) -> None:
    layer, mapping = case
    for level in evaluate(layer, ROOMY, mapping).levels:
        assert all(level.words[tensor] >= layer.words(tensor) for tensor in "IOW")
