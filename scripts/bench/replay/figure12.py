"""Best so far against trials, for each search strategy (Heron, figure 12).

    python -m scripts.bench figure12 --strategies cga random --seeds 5

Objectives without noise, so that only the searches differ: recorded sets of measurements, some of
whole spaces, some of samples to which a surrogate is fitted. Gives the data, tables and a picture
with the band between the quartiles over the seeds. One table says of each rival how likely its
ranks are if the default is no faster; "stock" is MetaSchedule's own search.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from heron_ms.strategies import STRATEGIES
from scripts.bench.harness.report import Report
from scripts.bench.replay.figure import figure_of
from scripts.bench.replay.objectives import bests, chosen
from scripts.bench.replay.searches import add_searches, curves
from scripts.bench.replay.stock import NAME as STOCK
from scripts.bench.replay.stock import makers


def options(parser: ArgumentParser) -> None:
    """Which strategies, on which sets, how long."""
    add_searches(parser, STRATEGIES, slow=[STOCK])


def run(arguments: Namespace) -> Report:
    """Searches what is missing, and draws."""
    objectives = chosen(arguments)
    made = curves(arguments, makers(STRATEGIES, arguments.out), objectives)
    best, picture = bests(objectives, made), arguments.out / "figure12.png"
    return figure_of(made, best, next(iter(STRATEGIES)), picture)
