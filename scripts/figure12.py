"""Best so far against trials, for each search strategy (Heron, figure 12).

    python scripts/figure12.py --strategies cga random --seeds 5

Objectives without noise, so that only the searches differ: see scripts/replay_runs.py. Writes the
data, Markdown tables and a picture with the band between the quartiles over the seeds; started
again, a stopped run goes on. One table says of each rival how likely its ranks are if the default
is no faster (scripts/replay_ranks.py); "stock" is MetaSchedule's own search.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common import say
from replay_figures import data, overall, table
from replay_objectives import bests, chosen
from replay_ranks import ranks
from replay_runs import Curve, arguments, curves, drawing, save
from replay_stock import NAME as STOCK
from replay_stock import makers


def main() -> int:
    """Search what is missing, write the figure."""
    from heron_ms.strategies import STRATEGIES

    args = arguments(__doc__, STRATEGIES, slow=[STOCK]).parse_args()
    objectives = chosen(args)
    found = curves(args, makers(STRATEGIES, args.out), objectives)
    write(args.out, "figure12", found, bests(objectives, found), next(iter(STRATEGIES)))
    return 0


def write(
    out: Path, name: str, found: Sequence[Curve], best: Mapping[str, float], default: str
) -> None:
    """Writes the tables, the data and the picture; rivals are compared with the default."""
    tables = overall(found, best), ranks(found, default), table(found, best)
    figure = data(found, best)
    save(out, name, "\n\n".join(filter(None, tables)), figure)
    draw(figure, out / f"{name}.png")
    say(f"written to {out}")


def draw(figure: Sequence[dict[str, Any]], path: Path) -> None:
    """Writes the picture, if there is something to draw with."""
    pyplot = drawing(path)
    if pyplot is None:
        return
    objectives = list(dict.fromkeys(each["objective"] for each in figure))
    grid, axes = pyplot.subplots(
        1, len(objectives), figsize=(5 * len(objectives), 4), squeeze=False, layout="constrained"
    )
    for each in figure:
        axis = axes[0][objectives.index(each["objective"])]
        low, middle, high = zip(*each["quartiles"], strict=True)
        trials = range(1, 1 + len(middle))
        (line,) = axis.plot(trials, middle, label=each["strategy"])
        axis.fill_between(trials, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    for axis, title in zip(axes[0], objectives, strict=True):
        axis.set(title=title, xlabel="trials", xscale="log")
    axes[0][0].set_ylabel("speed relative to the best known")
    axes[0][-1].legend(fontsize="small", loc="lower right")
    grid.savefig(path)
    pyplot.close(grid)


if __name__ == "__main__":
    sys.exit(main())
