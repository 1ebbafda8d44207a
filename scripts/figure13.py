"""The quality that each search strategy ends with, relative to the CGA (Heron, figure 13).

    python scripts/figure13.py --strategies cga ga-sat-decoder --seeds 5

Objectives without noise: see scripts/replay_runs.py. Writes the data, a Markdown table and a
picture; started again, a stopped run goes on. Searches are those of figure12.py where both write to
one folder.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from common import markdown, say
from replay_figures import geometric_mean, grouped
from replay_objectives import chosen
from replay_runs import Curve, arguments, curves, drawing, save
from replay_stock import NAME as STOCK
from replay_stock import makers

BASE = "cga"


def main() -> int:
    """Search what is missing, write the figure."""
    from heron_ms.strategies import STRATEGIES

    args = arguments(__doc__, STRATEGIES, slow=[STOCK]).parse_args()
    args.strategies = list(dict.fromkeys([BASE, *args.strategies]))
    found = curves(args, makers(STRATEGIES, args.out), chosen(args))
    relative = {
        objective: relatives(members, args.trials)
        for objective, members in grouped(found, "objective").items()
    }
    text = table(relative, args.strategies)
    save(args.out, "figure13", text, relative)
    draw(relative, args.strategies, args.out / "figure13.png")
    say(f"written to {args.out}")
    return 0


def relatives(members: Sequence[Curve], trials: int) -> dict[str, float]:
    """Speed after the last trial by strategy: geometric mean over seeds, the CGA being 1."""
    means = {
        strategy: geometric_mean(1 / each.best[min(trials, len(each.best)) - 1] for each in mine)
        for strategy, mine in grouped(members, "strategy").items()
    }
    return {strategy: mean / means[BASE] for strategy, mean in means.items()}


def table(relative: Mapping[str, Mapping[str, float]], strategies: Sequence[str]) -> str:
    """A line for each strategy, a column for each objective and one for their geometric mean."""
    head = ["strategy", *relative, "geometric mean"]
    lines = [
        [name, *(f"{each[name]:.3f}" for each in relative.values()),
         f"{geometric_mean(each[name] for each in relative.values()):.3f}"]
        for name in strategies
    ]  # fmt: skip
    return markdown(head, lines)


def draw(
    relative: Mapping[str, Mapping[str, float]], strategies: Sequence[str], path: Path
) -> None:
    """Writes the picture, if there is something to draw with."""
    pyplot = drawing(path)
    if pyplot is None:
        return
    figure, axis = pyplot.subplots(figsize=(2 + 2 * len(relative), 4), layout="constrained")
    width = 0.8 / len(strategies)
    for position, name in enumerate(strategies):
        places = [group - 0.4 + width * (position + 0.5) for group in range(len(relative))]
        axis.bar(places, [each[name] for each in relative.values()], width, label=name)
    axis.set_xticks(range(len(relative)), list(relative))
    axis.set_ylabel("speed relative to the CGA")
    figure.legend(loc="outside upper center", ncols=4, fontsize="small")
    figure.savefig(path)
    pyplot.close(figure)


if __name__ == "__main__":
    sys.exit(main())
