"""How well the cost models order programs that they did not see, on recorded sets.

    python -m scripts.bench cost-models [SET ...] [--measurements N] [--transfer MODEL]

For each set: random measurements to learn from, and the rank correlation of score and speed on all
others, mean over the splits. Sets are files of `heron_ms.testing.replay_set`. Without a first guess
a model has nothing but the measurements; ``--transfer`` adds a model of other tasks that
`Transferred.save` wrote, alone and as the start of the online one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms.cost_model import OnlineModel, Transferred, TransferredModel, VariableModel
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.testing.replay_set import RecordedSet, recorded_sets
from scripts.bench.harness.console import say
from scripts.bench.harness.options import at_least
from scripts.bench.harness.report import Report
from scripts.bench.ranking.ranks import spearman

Trainer = Callable[[Any, int], Any]


def options(parser: ArgumentParser) -> None:
    """Which sets, how much to learn from, which models."""
    add = parser.add_argument
    add("sets", nargs="*", type=Path, metavar="SET", help="default: those that come along")
    add("--measurements", type=at_least(1), default=96, metavar="N",
        help="to learn from, drawn at random (default 96)")  # fmt: skip
    add("--splits", type=at_least(1), default=20, metavar="N",
        help="of a set into what is learned from and what is predicted (default 20)")  # fmt: skip
    add("--transfer", type=Path, metavar="MODEL", help="a model of other tasks to compare as well")


def run(arguments: Namespace) -> Report:
    """A row for each set and a column for each model."""
    models = _models(arguments.transfer)
    rows = []
    for file in arguments.sets or recorded_sets().values():
        say(file.name)
        rows.append([file.stem, *_row(file, models, arguments.measurements, arguments.splits)])
    return Report.joined({"sets": Report.of_table(["set", "programs", *models], rows)})


def _models(transfer: Path | None) -> dict[str, Trainer]:
    """Makes a model of a space and a seed, by the name of its column."""
    trainers: dict[str, Trainer] = {
        "variables": lambda space, seed: VariableModel(space.sketches, seed),
        "tokens (default)": lambda space, seed: OnlineModel(space.sketches, seed),
        "tokens, ranked": lambda space, seed: OnlineModel(space.sketches, seed, ranked=True),
    }
    if transfer is not None:
        given = Transferred.load(transfer)
        trainers["transferred"] = lambda space, seed: TransferredModel(space.sketches, seed, given)
        trainers["both"] = lambda space, seed: OnlineModel(space.sketches, seed, given)
    return trainers


def _row(file: Path, models: dict[str, Trainer], measurements: int, splits: int) -> list[str]:
    space, individuals, seconds = _read(file)
    means = []
    for make in models.values():
        correlations = [
            _correlation(make(space, split), individuals, seconds, measurements, split)
            for split in range(splits)
        ]
        means.append(f"{np.mean(correlations):.2f}")
    return [str(len(individuals)), *means]


def _read(file: Path) -> tuple[Any, list[Any], Any]:
    """The space of a set, and the individuals and seconds that were recorded."""
    recorded = RecordedSet.load(file)
    individuals = [
        Individual(sketch, row)
        for sketch, part in enumerate(recorded.measured)
        for row in recorded.task.rows(sketch, part.values)
    ]
    seconds = np.concatenate([part.seconds for part in recorded.measured])
    return SearchSpace(recorded.task.constrained), individuals, seconds


def _correlation(
    model: Any, individuals: Sequence[Any], seconds: Any, measurements: int, split: int
) -> float:
    """Spearman's, of scores and speeds of what the model was not trained on and that ran."""
    order = np.random.default_rng(split).permutation(len(individuals))
    seen, unseen = order[:measurements], order[measurements:]
    unseen = unseen[np.isfinite(seconds[unseen])]
    model.train([individuals[p] for p in seen], seconds[seen])
    scores = model.predict([individuals[p] for p in unseen])
    return spearman(scores.tolist(), (-seconds[unseen]).tolist())
