"""What the tables of stock's and of Relax's operators share.

A row is made in a process that outlives it, so that a kernel that crashes costs one row, and with
one builder and one runner, which take seconds to start. What TVM prints goes to a file.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from common import Journal, Record, at_least, folder, markdown, redirected, say

CHECKED = 4
"""Records of a function that are compared with its unscheduled self, fastest first."""
CRASHED = "the process crashed"

Make: TypeAlias = Callable[[Record, Path], Record]
"""Makes the row of an identity, with a folder for what it leaves."""


class Rows:
    """Makes rows in a process beside this one, each on disk before the next is begun."""

    def __init__(self, make: Make, out: Path) -> None:
        self._make, self._out = make, out
        self._journal = Journal(out / "rows.jsonl")
        self._pool: ProcessPoolExecutor | None = None

    def row(self, identity: Record) -> Record:
        """The row of an identity; one that ends the process is not written down."""
        known = self._journal.find(identity)
        if known is not None:
            return known
        say(" ".join(map(str, identity.values())))
        try:
            found = self._started().submit(_logged, self._make, identity, self._out).result()
        except BrokenProcessPool:
            self._pool = None
            return {**identity, "failure": CRASHED}
        self._journal.append(identity | found)
        return identity | found

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.shutdown()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=spawn)
        return self._pool


def _logged(make: Make, identity: Record, out: Path) -> Record:
    out.mkdir(parents=True, exist_ok=True)
    with (out / "log.txt").open("a") as file, redirected(1, 2, to=file.fileno()):
        print(identity, flush=True)
        return make(identity, out)


@cache
def tools() -> dict[str, Any]:
    """A builder and a runner for all rows of a process."""
    from heron_ms.measure.cpu.builder import local_builder, local_runner

    return {"builder": local_builder(1), "runner": local_runner(target())}


@cache
def planned() -> dict[str, Any]:
    """The same that measure nothing: the time of a program is the length of its text."""
    from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner

    return {
        "builder": PlantedBuilder(lambda mod: 1e-6 * len(str(mod))),
        "runner": PlantedRunner(),
    }


@cache
def target() -> Any:
    """This CPU, one core of it."""
    from common import cpu_target
    from tvm.target import Target

    return Target(cpu_target())


def running(records: Iterable[Any]) -> list[Any]:
    """The records that ran, fastest first."""
    from heron_ms.measure.records import seconds_of

    timed = [(seconds_of(each.run_secs), each) for each in records]
    valid = [each for each in timed if each[0] < float("inf")]
    return [record for _, record in sorted(valid, key=lambda each: each[0])]


def tensorized(records: Sequence[Any], mod: Any) -> str:
    """The intrinsics in the records' traces; without any, why no block of the program maps."""
    insts = (inst for record in records for inst in record.trace.insts)
    names = {str(each.attrs[0]) for each in insts if str(each.kind.name) == "Tensorize"}
    return ", ".join(sorted(names)) or _refusals(mod)


def _refusals(mod: Any) -> str:
    from heron_ms.hardware import for_target
    from heron_ms.space_generators.plan import matches
    from heron_ms.tensorize import NoMatch

    found = [each for each in matches(mod, for_target(target())) if isinstance(each, NoMatch)]
    return "none: " + (", ".join(sorted({each.reason.value for each in found})) or "no block")


def parser(description: str | None, out: str) -> argparse.ArgumentParser:
    """The options that both scripts have."""
    found = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    found.add_argument("--only", action="append", default=[], help="rows with this in their name")
    found.add_argument("--json", action="store_true", help="a line of JSON a row, no table")
    found.add_argument("--core", type=at_least(0), help="the processor; default the last one")
    found.add_argument("--out", type=folder, default=out, help=f"for the journal; default {out}")
    return found


def show(rows: Sequence[Record], head: Sequence[str], as_json: bool) -> None:
    """The rows as they were asked for, on stdout."""
    if as_json:
        print("\n".join(map(json.dumps, rows)))
    else:
        print(markdown(head, [[each.get(name, "") for name in head] for each in rows]))
    sys.stdout.flush()
