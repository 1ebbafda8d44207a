"""What the tables of MetaSchedule's and of Relax's operators share.

A row is made in a process that outlives it, so that a kernel that crashes costs one row, and with
one builder and one runner, which take seconds to start. What TVM prints goes to a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from tvm.target import Target

from heron_ms.hardware import for_target
from heron_ms.measure.cpu.builder import local_builder, local_runner
from heron_ms.measure.records import seconds_of
from heron_ms.space_generators.plan import matches
from heron_ms.tensorize import NoMatch
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from scripts.bench.harness.console import logged, say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.processes import kill_children, pool_of
from scripts.bench.harness.report import Report
from scripts.bench.harness.tables import markdown
from scripts.bench.harness.targets import cpu_target

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

    def all_of(self, identities: Iterable[Record]) -> list[Record]:
        """The rows of these identities; the process is gone afterwards."""
        try:
            return [self.row(identity) for identity in identities]
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


@cache
def tools() -> dict[str, Any]:
    """A builder and a runner for all rows of a process."""
    return {"builder": local_builder(1), "runner": local_runner(target())}


@cache
def planned() -> dict[str, Any]:
    """The same that measure nothing: the time of a program is the length of its text."""
    return {
        "builder": PlantedBuilder(lambda mod: 1e-6 * len(str(mod))),
        "runner": PlantedRunner(),
    }


@cache
def target() -> Any:
    """This CPU, one core of it."""
    return Target(cpu_target())


def running(records: Iterable[Any]) -> list[Any]:
    """The records that ran, fastest first."""
    timed = [(seconds_of(record.run_secs), record) for record in records]
    valid = [pair for pair in timed if pair[0] < float("inf")]
    return [record for _, record in sorted(valid, key=lambda pair: pair[0])]


def tensorized(records: Sequence[Any], mod: Any) -> str:
    """The intrinsics in the records' traces; without any, why no block of the program maps."""
    insts = (inst for record in records for inst in record.trace.insts)
    names = {str(inst.attrs[0]) for inst in insts if str(inst.kind.name) == "Tensorize"}
    return ", ".join(sorted(names)) or _refusals(mod)


def _refusals(mod: Any) -> str:
    found = [match for match in matches(mod, for_target(target())) if isinstance(match, NoMatch)]
    return "none: " + (", ".join(sorted({refusal.reason.value for refusal in found})) or "no block")


def report_of(rows: Sequence[Record], head: Sequence[str], verdict: str, sound: bool) -> Report:
    """The rows as a table, and whole as the data."""
    cells = [[row.get(name, "") for name in head] for row in rows]
    return Report("\n\n".join((markdown(head, cells), verdict)), list(rows), sound)
