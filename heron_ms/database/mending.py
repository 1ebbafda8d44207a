"""Writing a database anew without what cannot be read, so that no record is lost on the way.

However the process ends, every line that was whole is in one of the files, and the next reading
finds it: what is damaged is set aside first, and what stands in the wrong file is in both for a
while.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from heron_ms.database.aside import set_aside, take_back
from heron_ms.database.damage import by_file
from heron_ms.database.files import DAMAGED, RECORDS, WORKLOADS, content, replace_file
from heron_ms.database.reading import Reading
from heron_ms.database.text import Text, unsigned
from heron_ms.database.trial import empty_workload

logger = logging.getLogger(__name__)


def is_written(folder: Path, reading: Reading) -> bool:
    """Whether the files hold what was read and nothing else."""
    same = (content(folder / name) == _written(texts) for name, texts in _tables(reading))
    return not reading.damage and not reading.restored and all(same)


def is_sound(folder: Path, reading: Reading) -> bool:
    """Whether, but for missing checksums, they do: TVM may then read them as they are."""
    tables = _tables(reading)
    same = (unsigned(content(folder / n)) == unsigned(_written(texts)) for n, texts in tables)
    return not reading.damage and not reading.restored and all(same)


def mend(folder: Path, reading: Reading) -> None:
    """Make the files what was read, and say what could not be. Raises `WorkDirError`."""
    if reading.damage:
        set_aside(folder, reading.damage)
    workloads, before = _workloads(reading), content(folder / RECORDS)
    misplaced = [workload for workload in workloads if workload.body in before]
    _write(folder / RECORDS, [*reading.records, *misplaced])
    _write(folder / WORKLOADS, workloads)
    _write(folder / RECORDS, reading.records)
    if reading.restored:
        take_back(folder, reading.restored)
    _tell(folder, reading)


def _tables(reading: Reading) -> list[tuple[str, Sequence[Text]]]:
    return [(WORKLOADS, _workloads(reading)), (RECORDS, reading.records)]


def _workloads(reading: Reading) -> list[Text]:
    """One for each number: where it is lost, a program that nobody tunes."""
    places = enumerate(reading.workloads)
    return [Text(empty_workload(n)).signed() if text is None else text for n, text in places]


def _write(path: Path, texts: Sequence[Text]) -> None:
    if content(path) != _written(texts):
        replace_file(path, _written(texts))


def _written(texts: Sequence[Text]) -> bytes:
    return b"".join(text.line() + b"\n" for text in texts)


def _tell(folder: Path, reading: Reading) -> None:
    for file, words in by_file(reading.damage).items():
        path, aside = folder / file, folder / DAMAGED
        logger.warning("%s: moved to %s: %s", path, aside, words)
    if reading.restored:
        count = len(reading.restored)
        logger.warning("%s: %d lines that had been set aside are used again", folder, count)
