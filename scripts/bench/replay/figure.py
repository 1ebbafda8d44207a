"""Curves of many seeds as tables, data and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.bench.harness.pictures import drawing
from scripts.bench.harness.report import Report
from scripts.bench.replay.curves import by_objective, data, overall
from scripts.bench.replay.ranks import ranks
from scripts.bench.replay.searches import Curve


def figure_of(
    curves: Sequence[Curve], best: Mapping[str, float], default: str, picture: Path
) -> Report:
    """The tables and the data, and the picture drawn; rivals are compared with the default.

    ``best``: the best known seconds by objective.
    """
    plotted = data(curves, best)
    draw(plotted, picture)
    return Report.joined(
        {
            "overall": overall(curves, best),
            "ranks": ranks(curves, default),
            "by objective": by_objective(curves, best),
            "plotted": Report("", plotted),
        }
    )


def draw(figure: Sequence[dict[str, Any]], path: Path) -> None:
    """Writes the picture, if there is something to draw with."""
    pyplot = drawing(path)
    if pyplot is None:
        return
    objectives = list(dict.fromkeys(strategy["objective"] for strategy in figure))
    grid, axes = pyplot.subplots(
        1, len(objectives), figsize=(5 * len(objectives), 4), squeeze=False, layout="constrained"
    )
    for strategy in figure:
        axis = axes[0][objectives.index(strategy["objective"])]
        low, middle, high = zip(*strategy["quartiles"], strict=True)
        trials = range(1, 1 + len(middle))
        (line,) = axis.plot(trials, middle, label=strategy["strategy"])
        axis.fill_between(trials, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    for axis, title in zip(axes[0], objectives, strict=True):
        axis.set(title=title, xlabel="trials", xscale="log")
    axes[0][0].set_ylabel("speed relative to the best known")
    axes[0][-1].legend(fontsize="small", loc="lower right")
    grid.savefig(path)
    pyplot.close(grid)
