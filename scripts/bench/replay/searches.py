"""The searches behind the figures: strategies on objectives without noise, many seeds, resumed.

Each search is one line of a journal: the least seconds after each trial. Objectives are the
recorded sets of `heron_ms.testing.replay`: spaces that were measured in full, and surrogates fitted
to samples of whole spaces.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from heron_ms.hardware import for_target
from heron_ms.testing.simulate import simulate
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal
from scripts.bench.harness.options import add_seeds, add_trials
from scripts.bench.replay.stock import Stock

Makers = Mapping[str, Callable[[], Any]]
"""Explorers, or `Stock`, by the name of their strategy."""


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


def add_searches(
    parser: ArgumentParser, strategies: Iterable[str], slow: Sequence[str] = ()
) -> None:
    """Which searches of which objectives; the slow strategies only where they are named."""
    names = list(strategies)
    add = parser.add_argument
    but = f" but {', '.join(slow)}, which takes a minute or more a search" if slow else ""
    add("--strategies", nargs="+", choices=[*names, *slow], default=names, metavar="NAME",
        help=f"of {', '.join([*names, *slow])} (default: all{but})")  # fmt: skip
    add("--objectives", nargs="+", metavar="NAME", help="recorded sets (default: all)")
    add("--sets", type=Path, help="a folder of recorded sets (default: those that come along)")
    add_seeds(parser, 20)
    add_trials(parser, 256, "each search")


def curves(arguments: Namespace, makers: Makers, objectives: Mapping[str, Any]) -> list[Curve]:
    """All searches that were asked for; those of an earlier run are read, not searched again."""
    journal = Journal(arguments.out / "searches.jsonl")
    known = {_key(record): record for record in journal.records()}
    wanted = list(_wanted(arguments, objectives))
    missing = [search for search in wanted if _key(asdict(search)) not in known]
    for number, search in enumerate(missing):
        say(f"[{number + 1}/{len(missing)}] {search.objective} {search.strategy}, "
            f"seed {search.seed}")  # fmt: skip
        explorer, objective = makers[search.strategy](), objectives[search.objective]
        best = best_so_far(explorer, objective, search.trials, search.seed)
        known[_key(asdict(search))] = record = {**asdict(search), "best": best}
        journal.append(record)
    return [Curve(search, tuple(known[_key(asdict(search))]["best"])) for search in wanted]


def _wanted(arguments: Namespace, objectives: Mapping[str, Any]) -> Iterator[Search]:
    # Seed by seed, so that a run that is stopped has compared all strategies.
    for seed in range(arguments.seeds):
        for objective in objectives:
            for strategy in arguments.strategies:
                yield Search(objective, strategy, seed, arguments.trials)


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record.get(name) for name in ("objective", "strategy", "seed", "trials"))


def best_so_far(explorer: Any, objective: Any, trials: int, seed: int) -> list[float]:
    """A search of an objective: the least seconds after each trial, in six digits."""
    seconds = _stock_or_simulated(explorer, objective, trials, seed)
    return [float(f"{least:.6g}") for least in accumulate(seconds, min)]


def _stock_or_simulated(explorer: Any, objective: Any, trials: int, seed: int) -> Iterable[float]:
    if isinstance(explorer, Stock):
        return explorer.seconds(objective, trials, seed)
    machine = for_target(objective.task.tvm_target)
    return simulate(explorer, objective, trials, seed, machine).seconds
