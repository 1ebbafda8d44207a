"""What the tables of MetaSchedule's and of Relax's operators share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from tvm.target import Target

from heron_ms.hardware import for_target
from heron_ms.measure.cpu.builder import local_builder, local_runner
from heron_ms.measure.records import seconds_of
from heron_ms.space_generators.plan import matches
from heron_ms.tensorize import NoMatch
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.harness.tables import markdown
from scripts.bench.harness.targets import cpu_target

CHECKED = 4
"""Records of a function that are compared with its unscheduled self, fastest first."""


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
    refusals = [match for match in matches(mod, for_target(target())) if isinstance(match, NoMatch)]
    reasons = sorted({refusal.reason.value for refusal in refusals})
    return "none: " + (", ".join(reasons) or "no block")


def report_of(rows: Sequence[Record], head: Sequence[str], verdict: str, sound: bool) -> Report:
    """The rows as a table, and whole as the data."""
    cells = [[row.get(name, "") for name in head] for row in rows]
    return Report("\n\n".join((markdown(head, cells), verdict)), list(rows), sound)
