"""Best so far against trials, for each search strategy (Heron, figure 12).

    python scripts/figure12.py --strategies cga random --seeds 5

Objectives without noise, so that only the searches differ: see scripts/replay_runs.py. Writes the
data, a Markdown table and a picture with the band between the quartiles over the seeds; started
again, a stopped run goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import say
from replay_figures import data, overall, table
from replay_objectives import bests, chosen
from replay_runs import arguments, curves


def main() -> int:
    """Search what is missing, write the figure."""
    from heron_ms.strategies import STRATEGIES

    args = arguments(__doc__, STRATEGIES).parse_args()
    objectives = chosen(args)
    found = curves(args, {name: each.explorer for name, each in STRATEGIES.items()}, objectives)
    best = bests(objectives, found)
    text = f"{overall(found, best)}\n\n{table(found, best)}"
    print(text)
    figure = data(found, best)
    (args.out / "figure12.md").write_text(text + "\n")
    (args.out / "figure12.json").write_text(json.dumps(figure) + "\n")
    say(f"written to {draw(figure, args.out / 'figure12.png')}")
    return 0


def draw(figure: Sequence[dict[str, Any]], path: Path) -> str:
    """Writes the picture; where to, or why there is none."""
    try:
        import matplotlib
    except ImportError as error:
        return f"{path.parent}, no picture ({error}): pip install 'heron-ms[plot]'"
    matplotlib.use("Agg")
    from matplotlib import pyplot

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
    return str(path)


if __name__ == "__main__":
    sys.exit(main())
