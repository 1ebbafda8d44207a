"""Whether a tuning loses what it measured, or measures it again, whatever happens to it.

    python -m scripts.bench durability --each 1 --moments 50 --seed 0

Starts `heron-ms tune` of a small GEMM, and `heron-ms tune-model` of a small network, as processes.
At a random moment of the search something happens: kill -9, Ctrl-C, SIGTERM, a disk that is full, a
worker that crashes, a candidate that crashes, never ends or takes all memory, a server that is
killed. Then the same command is given again, until it ends by itself. What the events say was
measured has to be in the database, once. First each of these happens, then one at a time at so many
random moments.
"""

from __future__ import annotations

import shutil
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from random import Random

import numpy as np

from scripts.bench.claims.durability.case import Case
from scripts.bench.claims.durability.faults import FAULTS, Fault
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.options import add_only, add_seed, add_trials, at_least, is_chosen
from scripts.bench.harness.report import Report

KERNEL = ("tune", "gemm", "64", "64", "64", "--cores", "1")
LINES = 80
"""Of the output of a run that went wrong."""

HEAD = ("what happens", "runs", "ended by it", "told as measured", "lost", "measured again",
        "gone on to the end")  # fmt: skip


def options(parser: ArgumentParser) -> None:
    """How often."""
    add = parser.add_argument
    add("--each", type=at_least(0), default=1, metavar="N",
        help="runs that each of these happens to (default 1)")  # fmt: skip
    add("--moments", type=at_least(0), default=50, metavar="N",
        help="runs that one of them happens to, by chance (default 50)")  # fmt: skip
    add_trials(parser, 12, "a run")
    add_only(parser, "faults")
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """Runs what is missing: a line for each fault, and what is wrong below it."""
    chosen = [fault for fault in FAULTS if is_chosen(fault.name, arguments.only)]
    if not chosen:
        raise SystemExit("nothing that happens has this in its name")
    rng = Random(arguments.seed)
    faults = chosen * arguments.each + rng.choices(chosen, k=arguments.moments)
    rows = list(_rows(faults, arguments))
    cells = [_cells(fault, [row for row in rows if row["fault"] == fault.name]) for fault in chosen]
    faulty = [f"{row['number']}: {row['fault']}: {_said(row)}" for row in rows if not row["sound"]]
    table = Report.of_table(HEAD, cells, "\n".join(faulty))
    return Report(table.text, {"faults": table.data, "rows": rows}, not faulty)


def _rows(faults: list[Fault], arguments: Namespace) -> Iterable[Record]:
    """A row for each run, of the kernel and of the model in turn."""
    commands = {"kernel": KERNEL, "model": _tune_model(arguments.out)}
    journal = Journal(arguments.out / "rows.jsonl")
    asked = {"trials": arguments.trials, "seed": arguments.seed}
    seconds = {
        name: _undisturbed(name, command, arguments.out, journal, asked)
        for name, command in commands.items()
    }
    for number, fault in enumerate(faults):
        name = list(commands)[number % len(commands)]
        identity = {"number": number, "fault": fault.name, "of": name, **asked}
        rng = Random(f"{arguments.seed} {number}")
        work_dir = arguments.out / str(number)
        case = Case(commands[name], work_dir, arguments.trials, fault, rng, seconds[name])
        yield journal.find(identity) or _row(identity, case, journal)


def _row(identity: Record, case: Case, journal: Journal) -> Record:
    outcome = case.outcome()
    row = identity | asdict(outcome) | {"sound": outcome.is_sound}
    say(f"{row['number']}: {row['fault']}, {row['of']}: {_said(row)}")
    journal.append(row)
    if outcome.is_sound:
        shutil.rmtree(case.work_dir)
    else:
        lines = case.log.read_text(errors="replace").splitlines()
        say("\n".join(["the last that it printed:", *lines[-LINES:]]))
    return row


def _undisturbed(
    name: str, command: tuple[str, ...], out: Path, journal: Journal, asked: Record
) -> float:
    """Seconds of a run that nothing happens to. Raises SystemExit where it is not sound."""
    identity = {"number": -1, "of": name, **asked}
    known = journal.find(identity)
    if known is None:
        fault = Fault("nothing")
        begun = time.monotonic()
        outcome = Case(command, out / name, asked["trials"], fault, Random(0), 0.0).outcome()
        if not outcome.is_sound:
            raise SystemExit(f"not even undisturbed: {outcome}")
        known = identity | {"seconds": time.monotonic() - begun}
        journal.append(known)
    return float(known["seconds"])


def _said(row: Record) -> str:
    return (
        f"{row['told']} told, {row['lost']} lost, {row['again']} again, {row['records']} records, "
        f"ended with {row['ends']} {row['wrong']}"
    )


def _cells(fault: Fault, rows: list[Record]) -> list[object]:
    ended, went_on = (
        sum(len(row["ends"]) > 1 for row in rows),
        sum(not row["wrong"] for row in rows),
    )
    told, lost, again = (sum(row[name] for row in rows) for name in ("told", "lost", "again"))
    return [fault.name, len(rows), ended, told, lost, again, f"{went_on} of {len(rows)}"]


def _tune_model(folder: Path) -> tuple[str, ...]:
    """Of two products of matrices with random weights."""
    from onnx import TensorProto, helper, numpy_helper, save

    rng = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)
        for name, shape in (("w1", (24, 32)), ("w2", (32, 16)))
    ]
    nodes = [helper.make_node("MatMul", ["x", "w1"], ["h"]), helper.make_node("Relu", ["h"], ["r"]),
             helper.make_node("MatMul", ["r", "w2"], ["y"])]  # fmt: skip
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [8, size])
        for name, size in (("x", 24), ("y", 16))
    )
    path = folder / "net.onnx"
    save(helper.make_model(helper.make_graph(nodes, "net", [x], [y], weights)), path)
    return ("tune-model", str(path), "--cores", "1")
