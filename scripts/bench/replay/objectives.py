"""The objectives of the figures: recorded sets by name, and the best that is known of each."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from heron_ms.testing.replay import load
from heron_ms.testing.replay_set import recorded_sets
from scripts.bench.harness.console import say
from scripts.bench.replay.searches import Curve


def chosen(arguments: Namespace) -> dict[str, Any]:
    """The objectives that were asked for, by name. Ends the program for one that there is not."""
    paths = recorded(arguments.objectives, arguments.sets)
    say(f"loading {', '.join(paths)}")
    return {name: load(path) for name, path in paths.items()}


def recorded(wanted: Sequence[str] | None, folder: Path | None = None) -> dict[str, Path]:
    """The files of recorded sets, all where none is named. Ends the program for an unknown one."""
    paths: Mapping[str, Path] = recorded_sets(folder)
    names = wanted or list(paths)
    unknown = [name for name in names if name not in paths]
    if unknown:
        raise SystemExit(f"no recorded set {unknown[0]!r}: there are {', '.join(paths)}")
    return {name: paths[name] for name in names}


def bests(objectives: Mapping[str, Any], curves: Iterable[Curve]) -> dict[str, float]:
    """The least seconds known of each: its own, or what a search found, if that is less."""
    best = {name: float(objective.best) for name, objective in objectives.items()}
    for curve in curves:
        name = curve.search.objective
        best[name] = min(best[name], *curve.best)
    return best
