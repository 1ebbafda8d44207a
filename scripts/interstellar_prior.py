"""The analytic model as a prior: does it rank kernels before any is measured?

    python scripts/interstellar_prior.py [--samples 24] [--seed 0]
    python scripts/interstellar_prior.py --databases DIR [--first 16]

With --databases: the records of finished searches, as `heron-ms tune --suite` and compare_peers.py
leave them below DIR, nothing is measured. The first round of a search is random unless its preset
has a prior_share; what comes later is what a learned model chose. Without: for each of a few cases,
random programs of HeronSpace are scored by the model, then measured on one core.

Columns: the rank correlation (Spearman) of score and speed; the trial that first meets a program
within 5 % of the fastest of the row, in the order of the score, in the order in which they were
measured, and on average in random order; the trials that the order of the score saves against the
last.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from common import markdown, pin, say
from prior_ranks import Ranking, mean, ranking

CASES = (
    ("gemm", (512, 512, 512)),
    ("gemm", (32, 2048, 1000)),
    ("gemm", (1024, 256, 128)),
)
HEAD = ("programs", "rank correlation", "by score", "as measured", "at random", "saved")


def main() -> None:
    """Print the table of a folder of databases, or measure every case and print theirs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=24, help="programs to measure of a case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--databases", type=Path, metavar="DIR", help="score finished searches")
    parser.add_argument("--first", type=int, metavar="N", help="only the first N records of each")
    options = parser.parse_args()
    pin(None)
    if options.databases is not None:
        print(_of_databases(options.databases, options.first))
        return
    rows = [_measured(name, case, options.samples, options.seed) for name, case in CASES]
    print(markdown(("case", "fastest us", "slowest us", *HEAD), rows))


def _of_databases(folder: Path, first: int | None) -> str:
    """The tables of all cases, and of the means of each operator."""
    from prior_records import scored

    found = [each for each in scored(folder, first) if len(each.scores) > 1]
    for each in found:
        if each.left_out:
            say(f"{each.case}: left out {each.left_out} records that failed or cannot be read")
    ranked = [(each, ranking(each.scores, each.seconds)) for each in found]
    operators = list(dict.fromkeys(each.operator for each, _ in ranked))
    by_case = [(each.case, *_cells(one)) for each, one in ranked]
    means = [(o, [one for each, one in ranked if each.operator == o]) for o in operators]
    means += [("all", [one for _, one in ranked])] if ranked else []
    by_operator = [(name, len(group), *_cells(mean(group))) for name, group in means]
    tables = markdown(("case", *HEAD), by_case), markdown(("operator", "cases", *HEAD), by_operator)
    return "\n\n".join(tables)


def _cells(one: Ranking) -> tuple[object, ...]:
    trials = one.prior, one.measured, one.random, one.random - one.prior
    return one.programs, f"{one.correlation:.2f}", *(f"{each:.1f}" for each in trials)


def _measured(name: str, case: tuple[int, ...], samples: int, seed: int) -> tuple[object, ...]:
    from prior_measured import measured

    say(name, *case)
    scores, seconds = measured(name, case, samples, seed)
    times = f"{min(seconds) * 1e6:.1f}", f"{max(seconds) * 1e6:.1f}"
    return f"{name} {' x '.join(map(str, case))}", *times, *_cells(ranking(scores, seconds))


if __name__ == "__main__":
    main()
