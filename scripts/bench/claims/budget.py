"""How well a budget is kept: the wall time of a whole command beside the time it was given.

    python -m scripts.bench budget --minutes 1 --minutes 3 --only model

Starts ``heron-ms tune`` of a GEMM and ``heron-ms tune-model`` of a small model, each with several
budgets in new work directories, and takes the time from the start of the process to its end: what
it takes to import TVM, the peak, the search, the finalists, the comparison of winners, compiling,
the check and the report are all in it. Sound where every command passes and takes what it was given
within 5 %.
"""

from __future__ import annotations

import os
import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path
from time import perf_counter

from heron_ms.events.reading import of_kind, read_events
from scripts.bench.harness.commands import finished
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.options import add_only, add_seed, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.models.zoo import NETS, Net

KERNEL = ("gemm", "512", "512", "512", "--weight", "packed")
CLAIMED = 0.05
"""By how much of it a budget may be missed."""
HEAD = ("command", "asked, s", "taken, s", "off", "candidates", "load")
PHASES = ("search", "finalists", "compare", "compile", "check")


def options(parser: ArgumentParser) -> None:
    """How long, and of what."""
    add = parser.add_argument
    add("--minutes", type=at_least(1), action="append", metavar="N",
        help="of a budget; may be repeated (default 1, 3 and 10)")  # fmt: skip
    add("--model", default="magika", choices=[net.name for net in NETS], metavar="NAME",
        help="of the models of the benchmark `models` (default %(default)s)")  # fmt: skip
    add_only(parser, "commands")
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """Runs what is missing: a row for each command and budget."""
    journal = Journal(arguments.out / "rows.jsonl")
    [net] = [net for net in NETS if net.name == arguments.model]
    commands = {"kernel": ["tune", *KERNEL], "model": _tune_model(net, arguments.out)}
    subjects = {"kernel": KERNEL[0], "model": net.name}
    identities = [
        {"command": name, "of": subject, "minutes": minutes, "seed": arguments.seed}
        for minutes in sorted(set(arguments.minutes or (1, 3, 10)))
        for name, subject in subjects.items()
        if is_chosen(name, arguments.only)
    ]
    rows = [_row(identity, commands, journal, arguments.out) for identity in identities]
    sound = all(abs(row["taken"] / row["asked"] - 1) <= CLAIMED for row in rows)
    table = Report.of_table(HEAD, map(_cells, rows))
    return Report(table.text, {"kept": table.data, "rows": rows}, sound)


def _tune_model(net: Net, folder: Path) -> list[str]:
    shapes = [
        f"--shape={name}={'x'.join(map(str, shape))}" for name, shape in net.shapes.items() if shape
    ]
    return ["tune-model", str(net.file(folder)), *shapes]


def _row(identity: Record, commands: dict[str, list[str]], journal: Journal, out: Path) -> Record:
    known = journal.find(identity)
    if known is not None:
        return known
    row = identity | _measured(commands[identity["command"]], identity, out)
    journal.append(row)
    return row


def _measured(command: list[str], identity: Record, out: Path) -> Record:
    """What a command takes whose work directory is new, and where the time goes."""
    name = f"{identity['command']}-{identity['minutes']}-{identity['seed']}"
    work_dir, asked = out / name, 60 * identity["minutes"]
    shutil.rmtree(work_dir, ignore_errors=True)
    words = [*command, "--budget", f"{asked}s", "--seed", str(identity["seed"])]
    begun, load = perf_counter(), os.getloadavg()[0]
    finished([*words, "--work-dir", str(work_dir)], out / f"{name}.log")
    taken = perf_counter() - begun
    events = read_events(work_dir)
    tried = [row for row in of_kind(events, "candidate") if row["decisions"] is not None]
    loads = [load, *(row["load"] for row in of_kind(events, "batch"))]
    phases = {phase: 0.0 for phase in PHASES}
    for row in of_kind(events, "phase"):
        if row["phase"] in phases:
            phases[row["phase"]] += row["seconds"]
    return {"asked": asked, "taken": taken, "candidates": len(tried),
            "load": sum(loads) / len(loads), "phases": phases}  # fmt: skip


def _cells(row: Record) -> list[object]:
    """A row of the table; the load is of the machine, the mean over the batches."""
    off = row["taken"] / row["asked"] - 1
    taken, load = f"{row['taken']:.1f}", f"{row['load']:.1f}"
    name = Path(row["of"]).name
    return [
        f"{row['command']} ({name})",
        row["asked"],
        taken,
        f"{off:+.1%}",
        row["candidates"],
        load,
    ]
