"""A number of the prose that a benchmark measured, from what is kept in docs/measured."""

from __future__ import annotations

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.readme.stored import Measured


def measured(words: str) -> str:
    """One value, of the record that begins with a word; for example "peers means all cases".

    The words are the benchmark, a part of its data, the first value of a record, and a column.
    Raises KeyError for what is not kept.
    """
    benchmark, part, first, column = words.split(" ", 3)
    kept = Measured.read(REPOSITORY, benchmark)
    if kept is None:
        raise KeyError(benchmark)
    records = {str(next(iter(record.values()))): record for record in kept.data[part]}
    return str(records[first][column])
