"""MetaSchedule's own evolutionary search on a recorded objective: a column beside the strategies.

Its own defaults, and its own XGBoost model on its own features of each store; only the space, with
its mutators and postprocessors, and the seconds are ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import ms
from heron_ms.measure.records import seconds_of
from heron_ms.testing.replay_measure import replaying
from scripts.bench.harness.console import logged

NAME = "stock"


@dataclass(frozen=True)
class Stock:
    """Searches as stock does; what it writes meanwhile goes to a folder for each search."""

    folder: Path

    def seconds(self, objective: Any, trials: int, seed: int) -> list[float]:
        """Seconds of every trial, in the order of measurement.

        Infinite for a failure, and for a trace outside the constraints, as stock's random ones may
        be. Fewer than were asked for only where stock finds no program that it has not measured.
        """
        place = self.folder / f"{objective.task.name}-{seed}"
        with quiet(place / "messages.log"):
            records = _tuned(objective, trials, seed, place)
        return _seconds(records)


def makers(strategies: Mapping[str, Any], out: Path) -> dict[str, Callable[[], Any]]:
    """What searches, by name: the explorers of the strategies, and stock, with its logs there."""
    return {
        **{name: strategy.explorer for name, strategy in strategies.items()},
        NAME: lambda: Stock(out / NAME),
    }


@contextmanager
def quiet(log: Path) -> Iterator[None]:
    """While this holds, all that MetaSchedule prints goes to a file."""
    # Its console has the level that its logger has when tuning starts.
    logging.getLogger("tvm.s_tir.meta_schedule").setLevel(logging.CRITICAL)
    with logged(log):
        yield


def stock_search(seed: int) -> dict[str, Any]:
    """What ``tune_tir`` is given for stock's search, with MetaSchedule's own model."""
    # Stock's model scores at random until it has 100 results, by numpy's global generator.
    np.random.seed(seed)
    return {"strategy": ms.search_strategy.EvolutionarySearch(), "cost_model": "xgb"}


def _tuned(objective: Any, trials: int, seed: int, place: Path) -> list[Any]:
    task = objective.task
    database = ms.tune_tir(
        task.mod,
        task.tvm_target,
        str(place),
        trials,
        database="memory",
        # One thread, since the order in which several finish would change the search.
        num_tuning_cores=1,
        seed=seed,
        **stock_search(seed),
        **replaying([objective]),
    )
    return list(database.get_all_tuning_records())


def _seconds(records: list[Any]) -> list[float]:
    return [seconds_of(record.run_secs) for record in records]
