"""Speed of kernels tuned by heron_ms beside oneDNN, ONNX Runtime and stock MetaSchedule.

For each case heron_ms searches, and so does stock MetaSchedule where asked for, as shipped and with
its VNNI intrinsic repaired. Then all are timed in turn, round after round, in one process: each
result is compared with numpy's first, on random data, and every kernel is called from Python in the
same way. Gives a report with all figures, and a picture.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from heron_ms.hardware import host, physical_cpus
from heron_ms.workloads import Gemm
from scripts.bench.harness.console import first_line, say
from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.peers.cases import cases
from scripts.bench.peers.figures import BEST, OURS, SEARCHES, Figures
from scripts.bench.peers.options import LIBRARIES, add_options
from scripts.bench.peers.picture import draw
from scripts.bench.peers.pieces import Settings, call_overheads, compared
from scripts.bench.peers.report import means, number, tables

SMALLEST = (1, 4, 16)
"""M, K, N of a product whose time is that of the call."""

options = add_options


def run(arguments: Namespace) -> Report:
    """Searches and times; not sound if a case has no time. Shows what there is after Ctrl-C."""
    comparison = Comparison(arguments)
    try:
        comparison.measure(cases(arguments))
    except KeyboardInterrupt:
        comparison.report().show(arguments.json)
        raise
    report = comparison.report()
    draw(comparison.records, comparison.figures, arguments.out / "peers.svg")
    return report


class Comparison:
    """The cases that are measured so far, and what calls of nothing cost."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._settings = _settings(arguments)
        self.figures = Figures(tuple(self._settings.peers), arguments.clock)
        self.records: list[Record] = []
        self._overheads: Record = {}

    def measure(self, workloads: Sequence[Any]) -> None:
        """Adds the records of these cases."""
        self._overheads = call_overheads(Gemm(*SMALLEST), self._settings)
        for position, workload in enumerate(workloads, start=1):
            say(f"[{position}/{len(workloads)}] {workload.name}")
            self.records.append(_guarded(workload, self._settings))
            say(_summary(self.records[-1], self.figures))

    def report(self) -> Report:
        """The tables and all figures of what is measured."""
        heading = _heading(self._arguments)
        text = tables(self.records, self._overheads, self.figures, heading)
        data = {"heading": heading, "calls": self._overheads, "cases": self.records,
                "means": means(self.records, self.figures).data}  # fmt: skip
        wanted = BEST if self._arguments.peers_only else OURS
        timed = [self.figures.time_us(record, wanted) for record in self.records]
        return Report(text, data, sound=None not in timed)


def _settings(arguments: Namespace) -> Settings:
    asked = arguments.contenders
    searches = () if arguments.peers_only else (OURS, *(n for n in SEARCHES if n in asked))
    return Settings(
        arguments.out,
        searches,
        tuple(name for library in LIBRARIES if library in asked for name in LIBRARIES[library]),
        arguments.trials,
        arguments.rounds,
        arguments.seed,
        len(physical_cpus()) if arguments.cores == "all" else 1,
        arguments.time_limit,
        arguments.fresh,
        arguments.retry,
    )


def _guarded(case: Any, settings: Settings) -> Record:
    try:
        return compared(case, settings)
    except Exception as error:  # the other cases are still worth measuring
        problem = f"{type(error).__name__}: {first_line(error)}"
        return {"case": case.name, "operator": case.operator, "weight": case.weight,
                "operations": case.operations, "searches": {},
                "timing": {"problem": problem}}  # fmt: skip


def _summary(record: Record, figures: Figures) -> str:
    names = [name for name in (OURS, *SEARCHES, *figures.peers) if figures.chosen(record, name)]
    times = [f"{name} {number(figures.time_us(record, name), 1)} µs" for name in names]
    return "  " + (", ".join(times) or "no times")


def _heading(arguments: Namespace) -> str:
    processors = sorted(os.sched_getaffinity(0))
    one = f"processor {processors[0]}"
    place = one if arguments.cores == "1" else f"all {len(physical_cpus())} cores"
    what = "peers alone" if arguments.peers_only else f"{arguments.trials} trials a search"
    suite = "given cases" if arguments.case else f"suite {arguments.suite}"
    return (
        f"{suite}, {what}, seed {arguments.seed}, {place} of a CPU that LLVM calls {host().mcpu}; "
        f"medians of {arguments.rounds} rounds, {arguments.clock} time"
    )
