"""How well the cost models order programs that they did not see, on recorded sets.

    python scripts/model_ranks.py [SET ...] [--measurements N] [--transfer MODEL]

For each set: random measurements to learn from, and the rank correlation of score and speed on all
others, mean over the splits. Sets are files of `heron_ms.testing.replay_set`. Without a first guess
a model has nothing but the measurements; ``--transfer`` adds a model of other tasks that
`Transferred.save` wrote, alone and as the start of the online one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import markdown, pin, say
from prior_ranks import spearman

Trainer = Callable[[Any, int], Any]


def main() -> None:
    """Print a table with a row for each set and a column for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", type=Path, help="default: those that come along")
    parser.add_argument("--measurements", type=int, default=96, metavar="N")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--transfer", type=Path, metavar="MODEL")
    parser.add_argument("--core", type=int, help="the core to compute on; the last by default")
    options = parser.parse_args()
    pin(options.core)
    from heron_ms.testing.replay_set import recorded_sets

    models = _models(options.transfer)
    rows = []
    for file in options.sets or recorded_sets().values():
        say(file.name)
        rows.append([file.stem, *_row(file, models, options.measurements, options.splits)])
    print(markdown(["set", "programs", *models], rows))


def _models(transfer: Path | None) -> dict[str, Trainer]:
    """Makes a model of a space and a seed, by the name of its column."""
    from heron_ms.cost_model import OnlineModel, Transferred, TransferredModel, VariableModel

    found: dict[str, Trainer] = {
        "variables": lambda space, seed: VariableModel(space.sketches, seed),
        "tokens (default)": lambda space, seed: OnlineModel(space.sketches, seed),
        "tokens, ranked": lambda space, seed: OnlineModel(space.sketches, seed, ranked=True),
    }
    if transfer is not None:
        given = Transferred.load(transfer)
        found["transferred"] = lambda space, seed: TransferredModel(space.sketches, seed, given)
        found["both"] = lambda space, seed: OnlineModel(space.sketches, seed, given)
    return found


def _row(file: Path, models: dict[str, Trainer], measurements: int, splits: int) -> list[str]:
    space, individuals, seconds = _read(file)
    means = []
    for make in models.values():
        found = [
            _correlation(make(space, split), individuals, seconds, measurements, split)
            for split in range(splits)
        ]
        means.append(f"{np.mean(found):.2f}")
    return [str(len(individuals)), *means]


def _read(file: Path) -> tuple[Any, list[Any], Any]:
    """The space of a set, and the individuals and seconds that were recorded."""
    from heron_ms.search.space import Individual, SearchSpace
    from heron_ms.testing.replay_set import RecordedSet

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


def _problems(space: Any) -> list[Any]:
    return [each.problem for each in space.sketches]


if __name__ == "__main__":
    main()
