"""What a search on this machine would have returned, had it ended after so many trials.

What a user gets is not the lowest of hundreds of short measurements: the finalists are measured
again, until one that was is the fastest (`heron_ms.measure.finalists`). Here that is done for the
records of the first trials, then for those of some more, and so on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from heron_ms.measure.finalists import fastest, measure_finalists
from heron_ms.measure.record_file import RecordFile


def marks(trials: int) -> list[int]:
    """After how many trials: 1, 2, 3, 4, 6, 8, 12, 16 and so on, and in the end."""
    steps = (step << power for power in range(trials.bit_length()) for step in (2, 3))
    return sorted({1, *(mark for mark in steps if mark < trials), trials})


def winners(work_dir: Path, trials: int, tools: Any) -> dict[int, int | None]:
    """By mark the position of the winner among the records; None while nothing ran.

    A finalist keeps for later marks what it took when it was measured again.
    """
    lines = list(RecordFile(work_dir).lines().values())[:trials]
    with TemporaryDirectory() as folder:
        shutil.copy(work_dir / "database_workload.json", folder)
        return dict(_contests(RecordFile(Path(folder)), lines, marks(trials), tools))


def _contests(
    file: Any, lines: Sequence[Any], ends: Sequence[int], tools: Any
) -> Iterator[tuple[int, int | None]]:
    functions = [workload.mod["main"] for workload in file.workloads()]
    known: list[Any] = []
    for end in ends:
        known += lines[len(known) : end]
        file.path.write_bytes(b"\n".join(line.text() for line in known))
        measure_finalists(file.work_dir, functions, tools)
        found = file.lines()
        known = list(found.values())
        yield end, next(iter(fastest(found)), None)
