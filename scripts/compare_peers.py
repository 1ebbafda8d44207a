"""Speed of kernels tuned by heron_ms beside oneDNN, ONNX Runtime and stock MetaSchedule.

For each case heron_ms searches, and so does stock MetaSchedule where asked for, as shipped and with
its VNNI intrinsic repaired. Then all are timed in turn, round after round, in one process: each
result is compared with numpy's first, on random data, and every kernel is called from Python in the
same way. Prints a Markdown report; writes it to the output directory with all figures as JSON and a
plot. Every piece is on disk when it is done: started again, a stopped run goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import compare_arguments
from common import Record, first_line, pin, say, unpin
from compare_arguments import LIBRARIES
from compare_case import Settings, call_overheads, compared
from compare_figures import BEST, OURS, SEARCHES, Figures
from compare_report import number, report

SMALLEST = (1, 4, 16)
"""M, K, N of a product whose time is that of the call."""


def main() -> int:
    """Measure, print, write; the exit status is 1 if a case has no time, 130 after Ctrl-C."""
    arguments = compare_arguments.parser(__doc__).parse_args()
    cores, place = _claim(arguments)
    cases = compare_arguments.cases(arguments)
    settings = _settings(arguments, cores)
    say(f"{len(cases)} cases on {place}, results in {settings.out}")
    figures = Figures(tuple(settings.peers), arguments.clock)
    records, overheads, stopped = _measured(cases, settings, figures)
    heading = _heading(arguments, place)
    text = report(records, overheads, figures, heading)
    print(text)
    _write(settings.out, text, {"heading": heading, "calls": overheads, "cases": records})
    _plot(settings.out, records, figures)
    if stopped:
        say("stopped; what was measured is kept: the same command goes on from here")
        return 130
    wanted = BEST if arguments.peers_only else OURS
    return int(any(figures.time_us(record, wanted) is None for record in records))


def _claim(arguments: argparse.Namespace) -> tuple[int, str]:
    """The number of cores, and in words which."""
    if arguments.cores == "all":
        cores = unpin()
        return cores, f"all {cores} cores"
    return 1, f"processor {pin(arguments.core)}"


def _settings(arguments: argparse.Namespace, cores: int) -> Settings:
    asked = tuple(LIBRARIES) if arguments.peers_only else arguments.contenders
    searches = () if arguments.peers_only else (OURS, *(n for n in SEARCHES if n in asked))
    return Settings(
        arguments.out or Path("build/compare_peers") / arguments.suite,
        searches,
        tuple(name for library in LIBRARIES if library in asked for name in LIBRARIES[library]),
        arguments.trials,
        arguments.rounds,
        arguments.seed,
        cores,
        arguments.time_limit,
        arguments.fresh,
        arguments.retry,
    )


def _measured(
    cases: Sequence[Any], settings: Settings, figures: Figures
) -> tuple[list[Record], Record, bool]:
    """The records of the cases, the cost of calls, and whether Ctrl-C came before the end."""
    from heron_ms.workloads import Gemm

    records: list[Record] = []
    overheads: Record = {}
    try:
        overheads = call_overheads(Gemm(*SMALLEST), settings)
        for position, case in enumerate(cases, start=1):
            say(f"[{position}/{len(cases)}] {case.name}")
            records.append(_guarded(case, settings))
            say(_summary(records[-1], figures))
    except KeyboardInterrupt:
        return records, overheads, True
    return records, overheads, False


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


def _heading(arguments: argparse.Namespace, place: str) -> str:
    from heron_ms.hardware import host

    what = "peers alone" if arguments.peers_only else f"{arguments.trials} trials a search"
    suite = "given cases" if arguments.case else f"suite {arguments.suite}"
    return (
        f"{suite}, {what}, seed {arguments.seed}, {place} of a CPU that LLVM calls {host().mcpu}; "
        f"medians of {arguments.rounds} rounds, {arguments.clock} time"
    )


def _write(out: Path, text: str, document: Record) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.md").write_text(text + "\n")
    (out / "report.json").write_text(json.dumps(document, indent=1) + "\n")


def _plot(out: Path, records: Sequence[Record], figures: Figures) -> None:
    try:
        from plot_peers import draw

        say(f"plot: {draw(records, figures, out / 'report.svg')}")
    except ImportError as error:
        say(f"no plot ({first_line(error)}): pip install 'heron-ms[plot]'")


if __name__ == "__main__":
    sys.exit(main())
