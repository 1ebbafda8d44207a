"""A recorded set: a task, and what was measured of the solutions of each of its sketches.

One compressed file, self-contained. Of a solution only the tunable variables are stored; the rest
follows from its problem. The benchmark `record` records such sets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from heron_ms.testing.replay_task import RecordedSetError, Task

DATA = Path(__file__).parent / "data"
"""The sets that come along: on AVX512-VNNI, three in full and a sample of each whole space."""


class Kind(IntEnum):
    """What became of a candidate: the first step that failed, or none."""

    OK = 0
    NOT_MATERIALISED = 1
    NOT_BUILT = 2
    NOT_RUN = 3
    WRONG = 4


@dataclass(frozen=True)
class Measured:
    """What was measured of one sketch.

    ``values`` int64 [n, tunable variables]; ``seconds`` float64 [n], the median of the repeats,
    infinite where ``kinds``, uint8 [n] of `Kind`, is a failure.
    """

    values: NDArray[np.int64]
    seconds: NDArray[np.float64]
    kinds: NDArray[np.uint8]


@dataclass(frozen=True)
class RecordedSet:
    """A task and what was measured of each of its sketches."""

    task: Task
    measured: Sequence[Measured]

    @classmethod
    def load(cls, path: Path) -> RecordedSet:
        """Read what `save` wrote. Raises `RecordedSetError` for another file or none."""
        try:
            with np.load(path) as file:
                task = Task.from_json(json.loads(file["task"].tobytes()))
                parts = [_measured(file, at) for at in range(len(task.data["sketches"]))]
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise RecordedSetError(f"{path} is no recorded set: {error}") from error
        return cls(task, parts)

    def save(self, path: Path) -> None:
        """Write a compressed file; values are kept as uint16, seconds as float32."""
        text = json.dumps(self.task.data, separators=(",", ":")).encode()
        arrays: dict[str, Any] = {"task": np.frombuffer(text, np.uint8)}
        for at, part in enumerate(self.measured):
            # Column by column, which compresses better.
            arrays[f"values{at}"] = np.ascontiguousarray(part.values.T.astype(np.uint16))
            arrays[f"seconds{at}"] = part.seconds.astype(np.float32)
            arrays[f"kinds{at}"] = part.kinds
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **arrays)

    @property
    def size(self) -> int:
        """Candidates that were measured."""
        return sum(len(part.kinds) for part in self.measured)

    @property
    def best(self) -> float:
        """The least of the seconds; infinite where nothing ran."""
        return min(float(np.min(part.seconds, initial=np.inf)) for part in self.measured)


def recorded_sets(folder: Path | None = None) -> dict[str, Path]:
    """The files of a folder of recorded sets, by name; of `DATA` where none is given.

    Raises `RecordedSetError` where there are none.
    """
    place = DATA if folder is None else folder
    sets = {path.stem: path for path in sorted(place.glob("*.npz"))}
    if not sets:
        raise RecordedSetError(f"{place} has no recorded sets: the benchmark record makes some")
    return sets


def _measured(file: Any, at: int) -> Measured:
    values = file[f"values{at}"].T.astype(np.int64)
    return Measured(values, file[f"seconds{at}"].astype(np.float64), file[f"kinds{at}"])
