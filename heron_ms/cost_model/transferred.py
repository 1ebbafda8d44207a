"""A model trained on other tasks: it reads a problem that it never saw by its tokens.

After Heron's extension (IEEE Trans. Computers 2025), which trains one model on the measurements of
many tasks and searches with it alone. Here it is trees on the tokens of `token_features`; times are
ln(best / seconds) within each task.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost

from heron_ms.cost_model.bagged import average, bagged, gains
from heron_ms.cost_model.interface import Scores, Sketched, Solution, columns_of
from heron_ms.cost_model.token_features import TokenFeatures, common_names
from heron_ms.errors import TransferError

if TYPE_CHECKING:  # which imports TVM, that a model which is there already does without
    from heron_ms.cost_model.databases import MeasuredTask

FORMAT = "heron_ms transferred model 2"
FEWEST = 2
"""Programs that must have run for a task to say anything of fast and slow."""


@dataclass(frozen=True)
class Transferred:
    """Trees over tokens: ``names`` are the columns, ``boosters`` XGBoost's models of them."""

    names: tuple[str, ...]
    boosters: tuple[Any, ...]

    @classmethod
    def from_databases(cls, folders: Iterable[Path]) -> Transferred:
        """Train on all databases in and below some folders (work directories of a tuning).

        Raises `TransferError` where no task has two programs that ran.
        """
        from heron_ms.cost_model.databases import read_tasks

        return cls.fit(read_tasks(folders))

    @classmethod
    def fit(cls, tasks: Iterable[MeasuredTask]) -> Transferred:
        """Train on tasks that were measured. Raises `TransferError` as `from_databases` does."""
        useful = [task for task in tasks if np.isfinite(task.seconds).sum() >= FEWEST]
        if not useful:
            raise TransferError(
                "nothing to transfer from: name work directories of a tuning whose programs ran"
            )
        features = [TokenFeatures(task.problems) for task in useful]
        names = common_names(features)
        parts = [
            (space.aligned(names, task.sketches, task.rows), task.seconds)
            for space, task in zip(features, useful, strict=True)
        ]
        return cls(names, bagged(parts))

    def save(self, path: Path) -> None:
        """Write a JSON file, with the trees in XGBoost's own form. Raises OSError."""
        trees = [json.loads(booster.save_raw("json")) for booster in self.boosters]
        content = {"names": list(self.names), "trees": trees}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"format": FORMAT, "digest": _digest(content), **content}))

    @classmethod
    def load(cls, path: Path) -> Transferred:
        """Read what `save` wrote. Raises `TransferError` for any other file, or none."""
        try:
            data = json.loads(path.read_text())
            _check(data)
            return cls(tuple(data["names"]), tuple(_booster(tree) for tree in data["trees"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise TransferError(
                f"{path} is no transferred model: {why}: name a folder of work directories, or a "
                "file that `Transferred.save` wrote"
            ) from error


class TransferredModel:
    """A transferred model on one space, as a `CostModel` that measurements do not change."""

    is_trained = True

    def __init__(self, sketches: Sequence[Sketched], seed: int, transfer: Transferred) -> None:
        self._features = TokenFeatures([sketch.problem for sketch in sketches])
        self._transfer = transfer

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Nothing: what was measured of this task is left out of account."""

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """Expected ln(best time / time), float64 [solutions]."""
        transfer = self._transfer
        features = self._features.aligned(transfer.names, *columns_of(solutions))
        return average(transfer.boosters, features)

    def importance(self) -> dict[str, float]:
        """How much the fit is better for each tunable variable's part in the tokens, by name."""
        return self._features.of_variables(gains(self._transfer.boosters, self._transfer.names))


def _check(data: Any) -> None:
    """Raise ValueError unless it is what was saved: XGBoost crashes on trees that are not."""
    if data["format"] != FORMAT:
        raise ValueError(f"its format is {data['format']!r}, not {FORMAT!r}: save it again")
    if data["digest"] != _digest({name: data[name] for name in ("names", "trees")}):
        raise ValueError("it was changed since it was saved")


def _digest(content: dict[str, Any]) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _booster(trees: Any) -> xgboost.Booster:
    booster = xgboost.Booster()
    booster.load_model(bytearray(json.dumps(trees).encode()))
    return booster
