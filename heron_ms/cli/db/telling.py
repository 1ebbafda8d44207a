"""``heron-ms db list``, ``show`` and ``export``."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from heron_ms._tvm import ms
from heron_ms.cli.arguments import inputs
from heron_ms.cli.db.reading import entries_of, grouped, machine_of, short
from heron_ms.cli.model.tables import columns, milliseconds, output
from heron_ms.cli.terminal.output import write_to
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.entries import Entry, best


def run(args: argparse.Namespace) -> int:
    """Print what databases hold; the exit status."""
    entries = entries_of(args)
    if args.mode == "list":
        _list(entries)
    elif args.mode == "show":
        for entry in best(entries, 1):
            print(_shown(entry))
    else:
        _export(args, entries)
    return 0


def _list(entries: Iterable[Entry]) -> None:
    table = columns("directory", task="left", arguments="left", target="left", records="right",
                    failed="right", best_ms="right")  # fmt: skip
    for (folder, task, target), group in grouped(entries).items():
        times = [entry.seconds for entry in group if isfinite(entry.seconds)]
        numbers = (str(len(group)), str(len(group) - len(times)))
        fastest = milliseconds(min(times, default=None))
        what = (short(task), group[0].arguments, machine_of(target))
        table.add_row(folder, *what, *numbers, fastest)
    output().print(table)


def _shown(entry: Entry) -> str:
    """What a record is, and its schedule as Python."""
    workload = ms.database.Workload.from_json(json.loads(entry.workload.body))
    record = record_of(json.loads(entry.record.body)[1], workload)
    marks = {"measured again": entry.record.again, "found right": entry.record.right}
    told = ", ".join(word for word, is_so in marks.items() if is_so) or "measured once"
    head = [
        f"task {entry.task} in {entry.folder}: {entry.arguments}",
        f"target {machine_of(entry.target)}",
        f"{milliseconds(entry.seconds)} ms, lower quartile of {len(entry.run_secs)}; {told}",
    ]
    return "\n".join([*(f"# {line}" for line in head), *map(str, record.trace.as_python()), ""])


def _export(args: argparse.Namespace, entries: Iterable[Entry]) -> None:
    rows = [_row(entry) for entry in entries]
    text = _csv(rows) if args.format == "csv" else "".join(json.dumps(row) + "\n" for row in rows)
    if args.output is None:
        print(text, end="")
    else:
        write_to("--output", inputs.writable_file("--output", args.output), text)


def _row(entry: Entry) -> dict[str, Any]:
    """A record for others to read; times in seconds, None for a failure."""
    ran = isfinite(entry.seconds)
    return {
        "directory": str(Path(entry.folder)),
        "task": entry.task,
        "arguments": entry.arguments,
        "target": entry.target,
        "seconds": entry.seconds if ran else None,
        "run_secs": entry.run_secs if ran else None,
        "again": entry.record.again,
        "right": entry.record.right,
        "decisions": entry.trace[1],
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["task"], lineterminator="\n")
    writer.writeheader()
    listed = ("run_secs", "decisions")
    writer.writerows({**row, **{name: json.dumps(row[name]) for name in listed}} for row in rows)
    return text.getvalue()
