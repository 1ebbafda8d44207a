"""Pictures: energy stacked by level, and a heat map of a sweep. Loads matplotlib when called.

What is drawn is computed by plain functions (`stacks`, `grid`); the rest only draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from heron_ms.errors import ModelError
from heron_ms.interstellar.nest.cost import Cost
from heron_ms.interstellar.optimise.sweep import SweepPoint


def stacks(costs: Mapping[str, Cost]) -> dict[str, list[float]]:
    """For each level, its energy in pJ under each of the named costs."""
    names = dict.fromkeys(level.name for cost in costs.values() for level in cost.levels)
    energies = [{level.name: level.total for level in cost.levels} for cost in costs.values()]
    return {name: [levels.get(name, 0.0) for levels in energies] for name in names}


def grid(points: Sequence[SweepPoint]) -> tuple[list[list[float]], list[str], list[str]]:
    """Energies in pJ by rows (sizes of level 0) and columns (sizes of the others), with labels."""
    rows = list(dict.fromkeys(point.capacities[0] for point in points))
    columns = list(dict.fromkeys(point.capacities[1:] for point in points))
    energy = {(p.capacities[0], p.capacities[1:]): p.energy for p in points}
    values = [[energy[row, column] for column in columns] for row in rows]
    return values, [_size(row) for row in rows], [" x ".join(map(_size, c)) for c in columns]


def draw_levels(costs: Mapping[str, Cost], path: Path) -> None:
    """A bar for each cost, its levels on top of each other; the format is the path's suffix."""
    figure, axes = _figure(1.5 + 0.5 * len(costs))
    base = [0.0] * len(costs)
    for name, values in stacks(costs).items():
        axes.bar(list(costs), values, bottom=base, label=name)
        base = [low + value for low, value in zip(base, values, strict=True)]
    axes.set_ylabel("energy in pJ")
    axes.tick_params(axis="x", rotation=90)
    figure.legend(loc="outside right upper")
    _save(figure, path)


def draw_sweep(points: Sequence[SweepPoint], path: Path) -> None:
    """A heat map: the size of level 0 against the sizes of the other levels."""
    values, rows, columns = grid(points)
    figure, axes = _figure(1.5 + len(columns))
    image = axes.imshow(values, cmap="viridis_r", aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("bytes of the outer levels")
    axes.set_ylabel("bytes of the innermost level")
    figure.colorbar(image, label="energy in pJ")
    _save(figure, path)


def _size(number: int) -> str:
    for unit in ("", "K", "M"):
        if number < 1024 or number % 1024:
            return f"{number}{unit}"
        number //= 1024
    return f"{number}G"


def _figure(width: float) -> tuple[Any, Any]:
    figure = import_module("matplotlib.figure").Figure(
        figsize=(max(4.0, width), 4.0), layout="constrained"
    )
    return figure, figure.add_subplot()


def _save(figure: Any, path: Path) -> None:
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:  # no space, or a suffix that no picture has
        raise ModelError(f"the picture {path} cannot be written: {error}") from error
