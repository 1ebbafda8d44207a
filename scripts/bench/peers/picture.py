"""The comparison as a picture: bars for each operator, relative to the best peer.

`bars` computes what `draw` draws; matplotlib comes with the extra [plot].
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.bench.harness.journal import Record
from scripts.bench.harness.pictures import drawing
from scripts.bench.peers.figures import BEST, OURS, SEARCHES, Figures, geometric_mean, operators

ALL = "all"


def bars(cases: Sequence[Record], figures: Figures) -> dict[str, dict[str, float]]:
    """Contender to operator to speed relative to the best peer: geometric means over the cases.

    The last operator is "all". What was compared in no case is left out.
    """
    groups = {operator: [case for case in cases if case["operator"] == operator]
              for operator in operators(cases)}  # fmt: skip
    groups[ALL] = list(cases)
    heights = {
        name: {group: _mean(members, figures, name) for group, members in groups.items()}
        for name in (OURS, *figures.peers, *SEARCHES)
    }
    known = {name: {group: height for group, height in by_group.items() if height}
             for name, by_group in heights.items()}  # fmt: skip
    return {name: by_group for name, by_group in known.items() if by_group}


def draw(cases: Sequence[Record], figures: Figures, path: Path) -> None:
    """Writes the picture in the format of the suffix, if there is something to draw with."""
    pyplot = drawing(path)
    if pyplot is None:
        return
    heights = bars(cases, figures)
    groups = [*operators(cases), ALL]
    figure, axes = pyplot.subplots(figsize=(1.2 * len(groups) + 2, 4), layout="constrained")
    width = 0.8 / max(len(heights), 1)
    for position, (name, by_group) in enumerate(heights.items()):
        places = [groups.index(group) - 0.4 + width * (position + 0.5) for group in by_group]
        axes.bar(places, list(by_group.values()), width, label=name)
    axes.axhline(1.0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(groups)), groups)
    axes.set_ylabel("speed relative to the best peer")
    figure.legend(loc="outside upper center", fontsize="small", ncols=len(heights) or 1)
    figure.savefig(path)
    pyplot.close(figure)


def _mean(cases: Sequence[Record], figures: Figures, name: str) -> float | None:
    return geometric_mean(_relative(case, figures, name) for case in cases)


def _relative(case: Record, figures: Figures, name: str) -> float | None:
    best, time = figures.time_us(case, BEST), figures.time_us(case, name)
    return best / time if best and time else None
