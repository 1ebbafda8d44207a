"""What a cost model of other tasks is worth to a search, on objectives without noise.

    python -m scripts.bench transfer --databases DIR --sets SET ...

DIR holds work directories of `heron-ms tune`, each below a folder named after its case
(`gemm-512x512x512`). For every recorded set a model is trained on the databases of all operators
but those like its own, so that it meets the operator for the first time. Compared, seed by seed:

- untransferred: the default search,
- transferred: the same, its model starting from the other tasks' (the preset of that name),
- alone: ten rounds on the transferred model, which measurements do not change.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms.cost_model import OnlineModel, Transferred, TransferredModel
from heron_ms.database.files import RECORDS
from heron_ms.presets import PRESETS
from heron_ms.search.cga import ConstrainedGenetic
from heron_ms.testing.replay import load
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal
from scripts.bench.harness.options import add_seeds, add_trials
from scripts.bench.harness.report import Report
from scripts.bench.replay.searches import best_so_far

ALIKE = {"gemm": ("gemm", "bmm", "scan", "gemv"), "c2d": ("c2d", "dil")}
"""Operators of which a model may not have seen any, by that of the set."""
FEW = 32
"""Trials of the transferred search."""
ROUNDS, BATCH = 10, 2
"""Rounds of the search alone, and the programs that are measured of each."""
NEAR = 1.05
"""A program is near another if it takes at most so many times as long."""


def options(parser: ArgumentParser) -> None:
    """What to learn from, what to search, how long."""
    add = parser.add_argument
    add("--databases", type=Path, required=True, metavar="DIR", help="to learn from")
    add("--sets", type=Path, nargs="+", required=True, metavar="SET", help="to search")
    add_seeds(parser, 20)
    add_trials(parser, 128, "the untransferred search")
    add("--trial-seconds", type=float, default=0.75, metavar="S",
        help="what building and measuring one program takes (default 0.75)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Searches what is missing."""
    rows = [_row(file, arguments) for file in arguments.sets]
    return Report.joined({"sets": Report.of_table(_HEAD, rows)})


_HEAD = [
    "set",
    "untransferred at 32",
    "at the end",
    "transferred at 32",
    "to the end of untransferred",
    "alone",
    "alone, times to 5 % of tuned",
]


def _row(file: Path, arguments: Namespace) -> list[str]:
    """Medians over the seeds of speed relative to the best known, and of the ratio of times."""
    runs = _searched(file, arguments)
    best = min(min(search["best"]) for searches in runs.values() for search in searches)
    plain, moved, alone = (runs[name] for name in ("untransferred", "transferred", "alone"))
    tuned = [search["best"][-1] for search in plain]
    level = [end / search["best"][FEW - 1] for end, search in zip(tuned, moved, strict=True)]
    saved = [_saved(*pair, arguments.trial_seconds) for pair in zip(plain, alone, strict=True)]
    return [
        file.stem,
        _percent(best / search["best"][FEW - 1] for search in plain),
        _percent(best / end for end in tuned),
        _percent(best / search["best"][FEW - 1] for search in moved),
        f"{np.exp(np.mean(np.log(level))):.3f}",
        _percent(best / search["best"][-1] for search in alone),
        f"{np.median(saved):.1f} ({sum(ratio > 0 for ratio in saved)} of {len(saved)} near)",
    ]


def _saved(tuned: Mapping[str, Any], alone: Mapping[str, Any], per_trial: float) -> float:
    """The time of the whole tuning over that of the search alone until it is near; 0 if never."""
    near = np.flatnonzero(np.array(alone["best"]) <= NEAR * tuned["best"][-1])
    if not len(near):
        return 0.0
    whole = tuned["seconds"] + per_trial * len(tuned["best"])
    return float(whole / (alone["seconds"] + per_trial * (near[0] + 1)))


def _percent(values: Any) -> str:
    return f"{100 * float(np.median(list(values))):.1f} %"


def _searched(file: Path, arguments: Namespace) -> dict[str, list[dict[str, Any]]]:
    """All searches of a set, by strategy; those of an earlier run are read."""
    journal = Journal(arguments.out / "searches.jsonl")
    objective = load(file)
    model = _model(objective.task.operator, arguments)
    makers = _makers(model)
    trials = {"untransferred": arguments.trials, "transferred": FEW, "alone": ROUNDS * BATCH}
    searches: dict[str, list[dict[str, Any]]] = {name: [] for name in makers}
    for seed in range(arguments.seeds):
        for name, make in makers.items():
            key = {"set": file.stem, "strategy": name, "seed": seed, "trials": trials[name]}
            known = journal.find(key)
            if known is None:
                say(f"{file.stem} {name}, seed {seed}")
                known = {**key, **_search(make(), objective, trials[name], seed)}
                journal.append(known)
            searches[name].append(known)
    return searches


def _search(explorer: Any, objective: Any, trials: int, seed: int) -> dict[str, Any]:
    begun = time.process_time()
    best = best_so_far(explorer, objective, trials, seed)
    return {"best": best, "seconds": round(time.process_time() - begun, 2)}


def _makers(model: Any) -> dict[str, Callable[[], Any]]:
    """The explorers to compare."""
    blind = replace(PRESETS["default"], batch=BATCH, greedy=1.0, polish=0.0)
    online = partial(OnlineModel, transfer=model)
    return {
        "untransferred": ConstrainedGenetic,
        "transferred": lambda: ConstrainedGenetic("transferred", online),
        "alone": lambda: ConstrainedGenetic(blind, partial(TransferredModel, transfer=model)),
    }


def _model(operator: str, arguments: Namespace) -> Any:
    """The model of all operators but those like one; trained once."""
    file = arguments.out / f"without-{operator}.json"
    if not file.is_file():
        left_out = ALIKE.get(operator, (operator,))
        folders = [file.parent for file in sorted(arguments.databases.rglob(RECORDS))]
        kept = [folder for folder in folders if not _of(folder, arguments.databases, left_out)]
        say(f"training on {len(kept)} of {len(folders)} databases: none of {', '.join(left_out)}")
        Transferred.from_databases(kept).save(file)
    return Transferred.load(file)


def _of(folder: Path, root: Path, operators: Sequence[str]) -> bool:
    """Whether a part of a path below the root is a case of one of these operators."""
    return any(part.partition("-")[0] in operators for part in folder.relative_to(root).parts)
