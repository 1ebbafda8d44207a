"""Best so far against trials on this machine, for each search strategy (Heron, figure 12).

    python -m scripts.bench figure12-machine --strategies cga random --seeds 5 --core 1

Three cases on one core. A curve shows what a user would have got after so many trials (1, 2, 3, 4,
6, 8, 12 and so on; between two of them what it was at the first): the winner of the finalists of
that time, timed beside those of all other searches of its case. Gives the data, tables and a
picture. figure12 does the same without noise, and in a hundredth of the time.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from heron_ms._tvm import Target
from heron_ms.strategies import STRATEGIES
from scripts.bench.harness.console import say
from scripts.bench.harness.options import add_seeds, add_trials
from scripts.bench.harness.report import Report
from scripts.bench.harness.targets import cpu_target
from scripts.bench.machine.searches import MachineCase
from scripts.bench.replay.figure import figure_of
from scripts.bench.replay.record.cases import CASES
from scripts.bench.replay.searches import Search
from scripts.bench.replay.stock import NAME as STOCK


def options(parser: ArgumentParser) -> None:
    """Which strategies, how long."""
    names = [*STRATEGIES, STOCK]
    parser.add_argument(
        "--strategies", nargs="+", choices=names, default=["cga", "random", STOCK], metavar="NAME",
        help=f"of {', '.join(names)} (default: cga random {STOCK}); the others are compared with "
        "the first")  # fmt: skip
    add_seeds(parser, 5)
    add_trials(parser, 256, "each search")


def run(arguments: Namespace) -> Report:
    """Searches what is missing, times what was found, and draws."""
    target = Target(cpu_target(1))
    cases = {case.operator + "-" + case.weight: case for case in CASES if not case.full}
    machine_cases = {name: MachineCase(case, target, arguments.out) for name, case in cases.items()}
    # Seed by seed, so that a run that is stopped has compared all strategies.
    searches = [Search(name, strategy, seed, arguments.trials) for seed in range(arguments.seeds)
                for name in machine_cases for strategy in arguments.strategies]  # fmt: skip
    for number, search in enumerate(searches, start=1):
        say(f"[{number}/{len(searches)}] {search.objective} {search.strategy}, seed {search.seed}")
        machine_cases[search.objective].search(search)
    curves = [
        curve
        for name, machine_case in machine_cases.items()
        for curve in machine_case.curves(
            [search for search in searches if search.objective == name]
        )
    ]
    best = {name: min(min(curve.best) for curve in curves if curve.search.objective == name)
            for name in machine_cases}  # fmt: skip
    picture = arguments.out / "figure12-machine.png"
    return figure_of(curves, best, arguments.strategies[0], picture)
