"""What ``heron-ms dataflow`` prints and writes: tables for people, plain data for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from heron_ms.cli.terminal.output import Output
from heron_ms.interstellar.nest.cost import Cost
from heron_ms.interstellar.nest.layer import TENSORS
from heron_ms.interstellar.optimise.blocking import Best
from heron_ms.interstellar.optimise.dataflows import Dataflow
from heron_ms.interstellar.optimise.sweep import SweepPoint, best_point


def best_data(best: Best) -> dict[str, Any]:
    """A mapping and its cost; the mapping a level a list of [loop, temporal, spatial]."""
    levels = [
        [[blocked.loop, blocked.temporal, blocked.spatial] for blocked in level]
        for level in best.mapping.levels
    ]
    return {**best.cost.as_dict(), "mapping_inner_to_outer": levels, "seconds": best.seconds}


def sweep_data(points: Sequence[SweepPoint]) -> dict[str, Any]:
    """Every point, and the best one with its mapping."""
    best = best_point(points)
    assert best.best is not None  # the sweep raises where no point has any
    grid = [
        {
            "capacity_bytes": list(point.capacities),
            "energy_pJ": None if point.best is None else point.energy,
        }
        for point in points
    ]
    return {
        **best_data(best.best),
        "capacity_bytes": list(best.capacities),
        "points": grid,
    }


def dataflows_data(dataflows: Sequence[Dataflow]) -> dict[str, Any]:
    """Every dataflow with its mapping, the best one first and at the top level too."""
    table = [{"label": dataflow.label, **best_data(dataflow.best)} for dataflow in dataflows]
    return {**best_data(dataflows[0].best), "dataflows": table}


def print_best(best: Best) -> None:
    """The breakdown of a cost, and the mapping."""
    cost = best.cost
    _show(_levels(cost))
    print(f"energy      {cost.energy:.6g} pJ, most of it in {cost.dominant.name}")
    print(f"cycles      {cost.cycles:.6g} ({cost.ideal_cycles:.6g} without waiting for memory)")
    print(f"dataflow    {cost.label}, {cost.utilization:.1%} of the units work")
    print(f"intensity   {cost.intensity:.4g} operations a byte of {cost.levels[-1].name}")
    print(f"mapping     {best.mapping}")
    print(f"search      {best.seconds:.2f} s, exact")


def print_sweep(points: Sequence[SweepPoint]) -> None:
    """A line a point, the best one marked."""
    best = best_point(points)
    table = _table("bytes of each level", "energy in pJ", "")
    for point in points:
        sizes = " x ".join(f"{size:,}" for size in point.capacities)
        energy = "nothing fits" if point.best is None else f"{point.energy:.6g}"
        table.add_row(sizes, energy, "best" if point is best else "")
    _show(table)


def print_dataflows(dataflows: Sequence[Dataflow]) -> None:
    """A line a dataflow, the best one first."""
    table = _table("dataflow", "energy in pJ", "units that work", "most in", "cycles")
    for dataflow in dataflows:
        cost = dataflow.best.cost
        share, cycles = f"{cost.utilization:.1%}", f"{cost.cycles:.6g}"
        table.add_row(dataflow.label, f"{cost.energy:.6g}", share, cost.dominant.name, cycles)
    _show(table)


def _levels(cost: Cost) -> Table:
    table = _table("level", "pJ", "share", *(f"words of {t}" for t in TENSORS))
    for level in cost.levels:
        share = level.total / cost.energy if cost.energy else 0.0
        words = [f"{level.words[t]:,.0f}" for t in TENSORS]
        table.add_row(level.name, f"{level.total:.6g}", f"{share:.1%}", *words)
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _show(table: Table) -> None:
    Output(width=160).print(table)
