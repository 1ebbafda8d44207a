"""Rows of a table, each on disk before the next one is made.

A row is made in a process that outlives it, so that a kernel that crashes costs one row, and with
what takes seconds to start kept for the next one. What TVM prints goes to a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from math import inf
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from scripts.bench.harness.console import logged, say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.processes import kill_children, pool_of

CRASHED = "the process crashed"

Make: TypeAlias = Callable[[Record, Path], Record]
"""Makes the row of an identity, with a folder for what it leaves."""


def journal_of(out: Path) -> Journal:
    """Where the rows are kept that a benchmark has made, for those that are made of others."""
    return Journal(out / "rows.jsonl")


def told_left(count: int, what: str = "rows") -> list[str]:
    """The note that so many are left to make, if any is."""
    return [f"{count} {what} are left: the same command goes on."] if count else []


class Rows:
    """Makes rows in a process beside this one, each on disk before the next is begun."""

    def __init__(self, make: Make, out: Path) -> None:
        self._make, self._out = make, out
        self._journal = journal_of(out)
        self._pool: ProcessPoolExecutor | None = None

    def row(self, identity: Record) -> Record:
        """The row of an identity; one that ends the process is not written down."""
        known = self._journal.find(identity)
        if known is not None:
            return known
        say(" ".join(map(str, identity.values())))
        try:
            made = self._started().submit(_logged, self._make, identity, self._out).result()
        except BrokenProcessPool:
            self._pool = None
            return {**identity, "failure": CRASHED}
        self._journal.append(identity | made)
        return identity | made

    def all_of(self, identities: Iterable[Record], seconds: float = inf) -> list[Record]:
        """The rows of these identities; the process is gone afterwards.

        After so many seconds none is begun, so that those alone are there that were made before.
        """
        until = monotonic() + seconds
        try:
            return [
                self.row(identity)
                for identity in identities
                if monotonic() < until or self._journal.find(identity) is not None
            ]
        except BaseException:
            kill_children()
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Ends the process."""
        if self._pool is not None:
            self._pool.shutdown()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = pool_of(1)
        return self._pool


def _logged(make: Make, identity: Record, out: Path) -> Record:
    with logged(out / "log.txt"):
        print(identity, flush=True)
        return make(identity, out)
