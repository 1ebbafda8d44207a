"""Sweeps and tables of dataflows equal the published tool's, or are better where it misses one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heron_ms.errors import ModelError
from heron_ms.interstellar.optimise.dataflows import explore, unrollings
from heron_ms.interstellar.optimise.plot import grid, stacks
from heron_ms.interstellar.optimise.sweep import best_point, sweep_memories, sweep_of
from heron_ms.interstellar.published.formats import layer_of, machine_of
from heron_ms.interstellar.published.hints import hints_of
from tests.interstellar.golden_cases import data

SWEEPS = {
    "mlp_fc1": ("mlp_fc1_batch128", "fc"),
    "eyeriss_alex_conv3": ("alex_conv3_batch16", "eyeriss_alex_conv3"),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_the_sweep_of_memories(name: str) -> None:
    layer, schedule = SWEEPS[name]
    arch = data()["arch"]["3_level_mem_explore_asic"]
    hints = hints_of(data()["schedule"][schedule])
    points = sweep_memories(
        layer_of(data()["layer"][layer]), machine_of(arch), sweep_of(arch), hints
    )
    golden = data()["mem_explore"][name]
    assert best_point(points).energy == pytest.approx(golden["best_pJ"], rel=1e-9)
    values, rows, columns = grid(points)
    assert rows == ["32", "64", "128", "256", "512"]
    assert columns == ["32K", "64K", "128K", "256K"]
    for ours, theirs in zip(values, golden["grid_pJ"], strict=True):
        # the tool prints nine digits of these
        assert ours == pytest.approx(theirs, rel=1e-8)


def test_the_table_of_dataflows() -> None:
    layer = layer_of(data()["layer"]["alex_conv3_batch1"])
    machine = machine_of(data()["arch"]["3_level_mem_baseline_asic"])
    found = {
        choice.label: choice.best for choice in explore(layer, replace(machine, utilization=0.75))
    }
    (golden,) = data()["dataflow_explore"].values()
    assert found.keys() == golden.keys()
    for label, (energy, utilization) in golden.items():
        assert found[label].cost.utilization == utilization
        # The tool orders the loops of the buffer without a look at what that costs in the array.
        assert energy * 0.99 <= found[label].cost.energy <= energy * (1 + 1e-9)
    same = [label for label in golden if found[label].cost.energy >= golden[label][0] * (1 - 1e-9)]
    assert len(same) == 13
    bars = stacks({label: best.cost for label, best in found.items()})
    assert list(bars) == ["RF", "array", "buffer", "DRAM"]
    totals = [sum(energies) for energies in zip(*bars.values(), strict=True)]
    assert totals == pytest.approx([best.cost.energy for best in found.values()])


def test_no_dataflow_uses_enough() -> None:
    layer = layer_of(data()["layer"]["alex_conv3_batch1"])
    machine = machine_of(data()["arch"]["3_level_mem_baseline_asic"])
    small = replace(layer, OC=1, IC=1, OX=2, OY=2)
    with pytest.raises(ModelError, match="no dataflow uses 75% of the units"):
        unrollings(small, replace(machine, utilization=0.75))
    with pytest.raises(ModelError, match="has no array"):
        unrollings(layer, replace(machine, arrays=()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"explore_points": None}, "explore_points is not a list"),
        ({"explore_points": [5, 0]}, "explore_points is 0"),
        ({"capacity_scale": [2]}, "need one factor"),
        ({"access_cost_scale": [2, -1]}, "must be above zero"),
    ],
)
def test_a_sweep_that_is_none(change: dict[str, object], message: str) -> None:
    arch = {**data()["arch"]["3_level_mem_explore_asic"], **change}
    with pytest.raises(ModelError, match=message):
        sweep_of(arch)


def test_a_sweep_needs_its_fields() -> None:
    with pytest.raises(ModelError, match="the field explore_points is missing"):
        sweep_of(data()["arch"]["3_level_mem_baseline"])


def test_a_sweep_in_which_nothing_fits() -> None:
    arch = {**data()["arch"]["3_level_mem_explore_asic"], "capacity": [2, 2, 2]}
    with pytest.raises(ModelError, match="no blocking fits the machine"):
        sweep_memories(
            layer_of(data()["layer"]["mlp_fc1_batch128"]),
            machine_of(arch),
            replace(sweep_of(arch), points=(1, 1)),
        )
