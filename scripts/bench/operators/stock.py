"""Every operator of MetaSchedule's own tests, tuned by heron_ms and compared with its plain self.

For each entry of `tvm.s_tir.meta_schedule.testing.te_workload.CONFIGS` and each of its shapes, on
one core of this CPU: how many candidates stock's rules and random search make (none of them is
built), then a few trials of `heron_ms.tune_tir`, whose fastest four records are compiled and
compared on random data, element by element, with the unscheduled program compiled as it is, which
runs once for the four. Ends with counts; the exit status is 1 if stock makes candidates of a
program and heron_ms has no record of it, or a wrong one.
"""

from __future__ import annotations

import warnings
from argparse import ArgumentParser, Namespace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from tvm import te
from tvm.s_tir import meta_schedule as ms
from tvm.s_tir.meta_schedule.testing.te_workload import CONFIGS

import heron_ms
from heron_ms._tvm import IRModule
from heron_ms.checking import compared
from heron_ms.compiling import scheduled
from heron_ms.measure.devices import device_for
from heron_ms.measure.records import records_for
from heron_ms.random_arguments import random_arguments
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_trials, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import Rows
from scripts.bench.operators.rows import (
    CHECKED,
    report_of,
    running,
    target,
    tensorized,
    tools,
)

HEAD = (
    "entry", "index", "stock candidates", "records", "tensorized by", "invalid", "right", "seconds",
    "failure",
)  # fmt: skip
INDICES = (0, 1, 2, 3)


def make(identity: Record, out: Path) -> Record:
    """A row: stock's candidates, our records, and how many of the fastest are right."""
    begun = perf_counter()
    row: Record = {"stock candidates": 0, "records": 0, "invalid": 0, "right": "0 of 0"}
    try:
        func = _function(identity["entry"], identity["index"])
        row["stock candidates"] = stock_candidates(func, identity["trials"])
        row |= _ours(func, identity, out)
    except Exception as error:  # whatever it is, the table shows it
        row["failure"] = first_line(error)
    return {**row, "seconds": round(perf_counter() - begun, 1)}


def _function(entry: str, index: int) -> Any:
    function, shapes = CONFIGS[entry]
    return te.create_prim_func(list(function(*shapes[index])))


def stock_candidates(func: Any, wanted: int) -> int:
    """How many of so many candidates stock's rules and its replay of random traces make."""
    context = ms.TuneContext(
        mod=func,
        target=target(),
        space_generator="post-order-apply",
        search_strategy="replay-trace",
        num_threads=1,
        rand_state=1,
    )
    context.pre_tuning(wanted, wanted)
    return len(context.generate_measure_candidates() or ())


def _ours(func: Any, identity: Record, out: Path) -> Record:
    folder = out / f"{identity['entry']}-{identity['index']}"
    program = heron_ms.normalize(IRModule({"main": func}))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", heron_ms.UntunedWarning)
        database = heron_ms.tune_tir(
            func, target(), str(folder), identity["trials"], seed=0, **tools()
        )
    records = records_for(database, program["main"], target())
    valid = running(records)
    return {
        "records": len(records),
        "invalid": len(records) - len(valid),
        "tensorized by": tensorized(records, program),
        "right": f"{_right(func, valid[:CHECKED])} of {min(len(valid), CHECKED)}",
        "failure": "; ".join(str(warning.message) for warning in told),
    }


def _right(func: Any, records: list[Any]) -> int:
    """How many records compute what the unscheduled program does."""
    # Whole numbers: a plain sum of a million others is off by more than any schedule of it.
    given = [np.rint(array) for array in random_arguments(func, np.random.default_rng(0))]
    device = device_for(target())
    untuned = device.compile(IRModule({"main": func}), target())
    expected = device.call(untuned["main"], given)[-1]
    kernels = [device.compile(scheduled(record), target())["main"] for record in records]
    verdicts = [compared(device, kernel, func, lambda *_: expected, given) for kernel in kernels]
    return sum(verdict.wrong == 0 for verdict in verdicts)


def sound(row: Record) -> bool:
    """Whether no record is wrong, and some ran if stock makes candidates."""
    right, checked = row.get("right", "0 of 1").split(" of ")
    return right == checked and bool(int(checked) or not row["stock candidates"])


def summary(rows: list[Record]) -> str:
    """The last line."""
    stock = [row for row in rows if row.get("stock candidates")]
    tuned = [row for row in stock if row.get("records")]
    right = [row for row in tuned if sound(row)]
    wide = [row for row in tuned if not row["tensorized by"].startswith("none")]
    left = [f"{row['entry']} {row['index']}" for row in rows if row not in stock]
    beside = f"; not by stock: {', '.join(left)}" if left else ""
    return (
        f"{len(tuned)} of the {len(stock)} programs that stock can tune are tuned and {len(right)} "
        f"of these all right; {len(wide)} are tensorized{beside}"
    )


def options(parser: ArgumentParser) -> None:
    """Which programs, and how long."""
    add_only(parser, "entries")
    parser.add_argument("--index", type=at_least(0), action="append", metavar="N",
                        help="of an entry's shapes; may be repeated (default 0 to 3)")  # fmt: skip
    add_trials(parser, 8, "each program")


def run(arguments: Namespace) -> Report:
    """Tunes what is missing. Raises SystemExit for no program."""
    cases = _cases(arguments)
    if not cases:
        raise SystemExit("no entry has this in its name, or no such index")
    rows = Rows(make, arguments.out).all_of(case | {"trials": arguments.trials} for case in cases)
    return report_of(rows, HEAD, summary(rows), all(map(sound, rows)))


def _cases(arguments: Namespace) -> list[Record]:
    return [
        {"entry": entry, "index": index}
        for entry, (_, shapes) in CONFIGS.items()
        for index in arguments.index or INDICES
        if index < len(shapes) and is_chosen(entry, arguments.only)
    ]
