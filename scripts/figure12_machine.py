"""Best so far against trials on this machine, for each search strategy (Heron, figure 12).

    python scripts/figure12_machine.py --strategies cga random --seeds 5 --core 1

Three cases on one core. A curve shows what a user would have got after so many trials (1, 2, 3, 4,
6, 8, 12 and so on; between two of them what it was at the first): the winner of the finalists of
that time, timed beside those of all other searches of its case. Writes the data, Markdown tables
and a picture. Each measurement is on disk when it is made; started again, a stopped run goes on.
figure12.py does the same without noise, and in a hundredth of the time.
"""

from __future__ import annotations

import argparse
import sys

from common import at_least, cpu_target, folder, pin, say
from figure12 import write
from machine_searches import Bench
from record_replay_cases import CASES
from replay_runs import Search
from replay_stock import NAME as STOCK


def main() -> int:
    """Search what is missing, time what was found, write the figure."""
    args = _arguments()
    pin(args.core)
    from heron_ms._tvm import Target

    target = Target(cpu_target(1))
    cases = {case.operator + "-" + case.weight: case for case in CASES if not case.full}
    benches = {name: Bench(case, target, args.out) for name, case in cases.items()}
    # Seed by seed, so that a run that is stopped has compared all strategies.
    searches = [Search(name, strategy, seed, args.trials) for seed in range(args.seeds)
                for name in benches for strategy in args.strategies]  # fmt: skip
    for number, each in enumerate(searches, start=1):
        say(f"[{number}/{len(searches)}] {each.objective} {each.strategy}, seed {each.seed}")
        benches[each.objective].search(each)
    found = [
        curve
        for name, bench in benches.items()
        for curve in bench.curves([each for each in searches if each.objective == name])
    ]
    best = {name: min(min(each.best) for each in found if each.search.objective == name)
            for name in benches}  # fmt: skip
    write(args.out, "figure12_machine", found, best, args.strategies[0])
    return 0


def _arguments() -> argparse.Namespace:
    from heron_ms.strategies import STRATEGIES

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    names = [*STRATEGIES, STOCK]
    add("--strategies", nargs="+", choices=names, default=["cga", "random", STOCK], metavar="NAME",
        help=f"of {', '.join(names)} (default: cga random {STOCK}); the others are compared with "
        "the first")  # fmt: skip
    add("--seeds", type=at_least(1), default=5, help="searches of each strategy (default 5)")
    add("--trials", type=at_least(1), default=256, help="of each search (default 256)")
    add("--core", type=int, help="the core to compute on; the last by default")
    add("--out", type=folder, default="build/machine", help="default build/machine")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
