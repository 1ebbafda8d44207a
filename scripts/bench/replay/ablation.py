"""What each part of the CGA is worth: the search with one part off at a time.

    python -m scripts.bench ablation --strategies default "no polish" --seeds 5

Objectives without noise, those of figure12.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from heron_ms.search import PRESETS
from heron_ms.search.cga import ConstrainedGenetic
from scripts.bench.harness.report import Report
from scripts.bench.replay.curves import by_objective, overall
from scripts.bench.replay.objectives import bests, chosen
from scripts.bench.replay.searches import add_searches, curves

CHANGES: dict[str, dict[str, Any]] = {
    "default": {},
    "no prior": {"prior_share": 0.0},
    "no generations": {"generations": 0},
    "no elites": {"elites": 0},
    "no measured parents": {"measured": 0},
    "important keys": {"keys": "important"},
    "all keys": {"key_share": 1.0},
    "no exploration": {"greedy": 1.0},
    "no polish": {"polish": 0.0},
}
"""Settings of the default preset that are changed, by the name of the part that is then off."""


def options(parser: ArgumentParser) -> None:
    """Which parts, on which sets, how long."""
    add_searches(parser, CHANGES)


def run(arguments: Namespace) -> Report:
    """Searches what is missing."""
    objectives = chosen(arguments)
    made = curves(arguments, {name: _maker(name) for name in CHANGES}, objectives)
    best = bests(objectives, made)
    plain = [{**asdict(curve.search), "best": curve.best} for curve in made]
    return Report.joined(
        {
            "overall": overall(made, best),
            "by objective": by_objective(made, best),
            "searches": Report("", plain),
        }
    )


def _maker(name: str) -> Callable[[], Any]:
    preset = replace(PRESETS["default"], **CHANGES[name])
    return lambda: ConstrainedGenetic(preset)
