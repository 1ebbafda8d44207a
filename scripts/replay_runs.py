"""The searches behind the figures: strategies on objectives without noise, many seeds, resumed.

Each search is one line of a journal: the least seconds after each trial. Objectives are the
recorded sets of `heron_ms.testing.replay`: spaces that were measured in full, and surrogates fitted
to samples of whole spaces.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from common import Journal, at_least, folder, say
from replay_stock import Stock

Makers = Mapping[str, Callable[[], Any]]
"""Explorers, or `replay_stock.Stock`, by the name of their strategy."""


@dataclass(frozen=True)
class Search:
    """One search: of which objective, how, from which seed, and for how many trials."""

    objective: str
    strategy: str
    seed: int
    trials: int


@dataclass(frozen=True)
class Curve:
    """A search and what came of it: the least seconds after each trial."""

    search: Search
    best: tuple[float, ...]


def arguments(
    doc: str | None, strategies: Iterable[str], slow: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """What all figures take; the slow strategies are searched only where they are named."""
    names = list(strategies)
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    but = f" but {', '.join(slow)}, which takes a minute or more a search" if slow else ""
    add("--strategies", nargs="+", choices=[*names, *slow], default=names, metavar="NAME",
        help=f"of {', '.join([*names, *slow])} (default: all{but})")  # fmt: skip
    add("--objectives", nargs="+", metavar="NAME", help="recorded sets (default: all)")
    add("--sets", type=Path, help="a folder of recorded sets (default: those that come along)")
    add("--seeds", type=at_least(1), default=20, help="searches of each strategy (default 20)")
    add("--trials", type=at_least(1), default=256, help="of each search (default 256)")
    add("--out", type=folder, default="build/figures", help="default build/figures")
    return parser


def curves(args: argparse.Namespace, makers: Makers, objectives: Mapping[str, Any]) -> list[Curve]:
    """All searches that were asked for; those of an earlier run are read, not searched again."""
    journal = Journal(args.out / "searches.jsonl")
    known = {_key(each): each for each in journal.records()}
    wanted = list(_wanted(args, objectives))
    missing = [each for each in wanted if _key(asdict(each)) not in known]
    for number, each in enumerate(missing):
        say(f"[{number + 1}/{len(missing)}] {each.objective} {each.strategy}, seed {each.seed}")
        explorer, objective = makers[each.strategy](), objectives[each.objective]
        best = best_so_far(explorer, objective, each.trials, each.seed)
        known[_key(asdict(each))] = record = {**asdict(each), "best": best}
        journal.append(record)
    return [Curve(each, tuple(known[_key(asdict(each))]["best"])) for each in wanted]


def _wanted(args: argparse.Namespace, objectives: Mapping[str, Any]) -> Iterator[Search]:
    # Seed by seed, so that a run that is stopped has compared all strategies.
    for seed in range(args.seeds):
        for objective in objectives:
            for strategy in args.strategies:
                yield Search(objective, strategy, seed, args.trials)


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record.get(name) for name in ("objective", "strategy", "seed", "trials"))


def best_so_far(explorer: Any, objective: Any, trials: int, seed: int) -> list[float]:
    """A search of an objective: the least seconds after each trial, in six digits."""
    seconds = _stock_or_simulated(explorer, objective, trials, seed)
    return [float(f"{each:.6g}") for each in accumulate(seconds, min)]


def _stock_or_simulated(explorer: Any, objective: Any, trials: int, seed: int) -> Iterable[float]:
    if isinstance(explorer, Stock):
        return explorer.seconds(objective, trials, seed)
    from heron_ms.hardware import for_target
    from heron_ms.testing.simulate import simulate

    machine = for_target(objective.task.tvm_target)
    return simulate(explorer, objective, trials, seed, machine).seconds


def save(folder: Path, name: str, text: str, data: Any) -> None:
    """Prints a table, and writes it and the data behind it."""
    print(text)
    (folder / f"{name}.md").write_text(text + "\n")
    (folder / f"{name}.json").write_text(json.dumps(data) + "\n")


def drawing(path: Path) -> Any:
    """matplotlib's pyplot for a picture in a file; None, and a word, where it is not installed."""
    try:
        import matplotlib
    except ImportError as error:
        say(f"no {path.name} ({error}): pip install 'heron-ms[plot]'")
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
