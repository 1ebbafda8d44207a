"""Interstellar's experiments with our search: the tool's optima, dataflows, memory sizes.

    python -m scripts.bench interstellar              all three tables, in half a minute
    python -m scripts.bench interstellar optima       the tool's energy and time beside ours
    python -m scripts.bench interstellar dataflows    the spread of all dataflows of each layer
    python -m scripts.bench interstellar memories     the best sizes of the memories of each layer

Cases, machines and layers are those of tests/interstellar/golden.json, which also holds what the
published tool printed. Energies are in pJ, without the multiplications.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from heron_ms.interstellar.optimise.blocking import best_blocking
from heron_ms.interstellar.optimise.dataflows import explore
from heron_ms.interstellar.optimise.sweep import SweepPoint, best_point, sweep_memories, sweep_of
from heron_ms.interstellar.published.formats import layer_of, machine_of
from heron_ms.interstellar.published.hints import hints_of
from scripts.bench.harness.console import say
from scripts.bench.harness.report import Report

GOLDEN = Path(__file__).parents[3] / "tests" / "interstellar" / "golden.json"
LAYERS = ("alex_conv3_batch1", "googlenet_4c3r_batch1", "alex_fc2_batch16", "lstm0_batch128")
SWEPT = (
    ("alex_conv3_batch16", "eyeriss_alex_conv3"),
    ("alex_conv3_batch16", "tpu"),
    ("mlp_fc1_batch128", "fc"),
    ("lstm0_batch128", "fc"),
)
BASELINE = "3_level_mem_baseline_asic"
SMALL = "3_level_mem_64Reg_asic"
SWEEP = "3_level_mem_explore_asic"


def optima(data: dict[str, Any]) -> Report:
    """Each case: the energy the tool found and in what time, and ours."""
    head = ("layer, machine, dataflow", "tool pJ", "ours pJ", "ours / tool", "tool s", "ours s")
    return Report.of_table(head, _optima(data))


def _optima(data: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    spent = [0.0, 0.0]
    for case in data["cases"]:
        names = [case[name] for name in ("layer", "arch", "schedule_hint")]
        say(*names)
        layer, machine = layer_of(data["layer"][names[0]]), machine_of(data["arch"][names[1]])
        best = best_blocking(layer, machine, hints_of(data["schedule"][names[2]]))
        assert best is not None
        tool, ours = case["energy_pJ"], best.cost.energy
        spent = [spent[0] + case["tool_seconds"], spent[1] + best.seconds]
        times = f"{case['tool_seconds']:.2f}", f"{best.seconds:.2f}"
        yield " ".join(names), f"{tool:.6g}", f"{ours:.6g}", f"{ours / tool:.9f}", *times
    yield "all", "", "", "", f"{spent[0]:.1f}", f"{spent[1]:.1f}"


def dataflows(data: dict[str, Any]) -> Report:
    """Observation 1: with the best blocking, most dataflows are alike."""
    head = ("layer, machine", "dataflows", "best", "best pJ", "median +%", "worst +%", "within 5 %")
    return Report.of_table(head, _dataflows(data))


def _dataflows(data: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for name in (BASELINE, SMALL):
        for layer in LAYERS:
            say("dataflows", layer, name)
            machine = replace(machine_of(data["arch"][name]), utilization=0.75)
            found = explore(layer_of(data["layer"][layer]), machine)
            least = found[0].best.cost.energy
            above = [100 * (dataflow.best.cost.energy / least - 1) for dataflow in found]
            near = f"{sum(percent <= 5 for percent in above)} of {len(found)}"
            middle = f"{above[len(above) // 2]:.2f}"
            yield (
                f"{layer} {name}",
                len(found),
                found[0].label,
                f"{least:.4g}",
                middle,
                (f"{above[-1]:.2f}"),
                near,
            )


def memories(data: dict[str, Any]) -> Report:
    """Observation 2: what the sizes of the memories decide; the baseline has 512 B and 128 KB."""
    head = ("layer, dataflow", "512 B, 128 KB", "best sizes", "best pJ", "gain", "largest share")
    return Report.of_table(head, _memories(data))


def _memories(data: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    arch = data["arch"][SWEEP]
    for name, schedule in SWEPT:
        say("memories", name, schedule)
        hints = hints_of(data["schedule"][schedule])
        layer = layer_of(data["layer"][name])
        points = sweep_memories(layer, machine_of(arch), sweep_of(arch), hints)
        base = next(point for point in points if point.capacities == (512, 131072))
        best = best_point(points)
        sizes = f"{best.capacities[0]} B, {best.capacities[1] // 1024} KB"
        gain = f"{base.energy / best.energy:.2f}x"
        energies = f"{base.energy:.4g}", sizes, f"{best.energy:.4g}"
        yield f"{name} {schedule}", *energies, gain, f"{_share(base)} -> {_share(best)}"


def _share(point: SweepPoint) -> str:
    """The level that takes most, and how much."""
    assert point.best is not None
    cost = point.best.cost
    return f"{cost.dominant.name} {cost.dominant.total / cost.energy:.0%}"


TABLES = {"optima": optima, "dataflows": dataflows, "memories": memories}


def options(parser: ArgumentParser) -> None:
    """Which table."""
    parser.add_argument("table", nargs="?", choices=list(TABLES), metavar="TABLE",
                        help=f"one of {', '.join(TABLES)} (default: all)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """The tables that are asked for."""
    data = json.loads(GOLDEN.read_text())
    asked = [arguments.table] if arguments.table else list(TABLES)
    return Report.joined({name: TABLES[name](data) for name in asked})
