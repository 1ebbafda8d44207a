"""The analytic model as a prior: how it ranks kernels before any is measured.

    python -m scripts.bench prior [--samples 24] [--seed 0]
    python -m scripts.bench prior --databases DIR [--first 16]

With --databases: the records of finished searches, as `heron-ms tune --suite` and the benchmark
peers leave them below DIR; nothing is measured. The first round of a search is random unless its
preset has a prior_share; what comes later is what a learned model chose. Without: for each of a few
cases, random programs of HeronSpace are scored by the model, then measured on one core.

Columns: the rank correlation (Spearman) of score and speed; the trial that first meets a program
within 5 % of the fastest of the row, in the order of the score, in the order in which they were
measured, and on average in random order; the trials that the order of the score saves against the
last.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from scripts.bench.harness.console import say
from scripts.bench.harness.options import add_seed, at_least
from scripts.bench.harness.report import Report
from scripts.bench.ranking.measured import measured
from scripts.bench.ranking.ranks import Ranking, mean, ranking
from scripts.bench.ranking.records import scored

CASES = (
    ("gemm", (512, 512, 512)),
    ("gemm", (32, 2048, 1000)),
    ("gemm", (1024, 256, 128)),
)
HEAD = ("programs", "rank correlation", "by score", "as measured", "at random", "saved")


def options(parser: ArgumentParser) -> None:
    """What to score: finished searches, or new measurements."""
    add = parser.add_argument
    add("--databases", type=Path, metavar="DIR", help="score finished searches")
    add("--first", type=at_least(1), metavar="N", help="only the first N records of each")
    add("--samples", type=at_least(2), default=24, metavar="N",
        help="programs to measure of a case, without --databases (default 24)")  # fmt: skip
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """The tables of a folder of databases, or of a few cases that are measured."""
    if arguments.databases is not None:
        return _of_databases(arguments.databases, arguments.first)
    rows = [_measured(name, case, arguments.samples, arguments.seed) for name, case in CASES]
    table = Report.of_table(("case", "fastest us", "slowest us", *HEAD), rows)
    return Report.joined({"cases": table})


def _of_databases(folder: Path, first: int | None) -> Report:
    """The tables of all cases, and of the means of each operator."""
    programs = [program for program in scored(folder, first) if len(program.scores) > 1]
    for program in programs:
        if program.left_out:
            say(f"{program.case}: left out {program.left_out} records that failed or cannot be "
                "read")  # fmt: skip
    ranked = [(program, ranking(program.scores, program.seconds)) for program in programs]
    groups: dict[str, list[Ranking]] = {}
    for program, order in ranked:
        groups.setdefault(program.operator, []).append(order)
    if ranked:
        groups["all"] = [order for _, order in ranked]
    by_case = [(program.case, *_cells(order)) for program, order in ranked]
    means = [(name, len(group), *_cells(mean(group))) for name, group in groups.items()]
    return Report.joined(
        {
            "cases": Report.of_table(("case", *HEAD), by_case),
            "operators": Report.of_table(("operator", "cases", *HEAD), means),
        }
    )


def _cells(one: Ranking) -> tuple[object, ...]:
    trials = one.prior, one.measured, one.random, one.random - one.prior
    return one.programs, f"{one.correlation:.2f}", *(f"{trial:.1f}" for trial in trials)


def _measured(name: str, case: tuple[int, ...], samples: int, seed: int) -> tuple[object, ...]:
    say(name, *case)
    scores, seconds = measured(name, case, samples, seed)
    times = f"{min(seconds) * 1e6:.1f}", f"{max(seconds) * 1e6:.1f}"
    return f"{name} {' x '.join(map(str, case))}", *times, *_cells(ranking(scores, seconds))
