"""Every operator of MetaSchedule's own tests, tuned by heron_ms and compared with its plain self.

For each entry of `tvm.s_tir.meta_schedule.testing.te_workload.CONFIGS` and each of its shapes, on
one core of this CPU: how many candidates stock's rules and random search make (none of them is
built), then a few trials of `heron_ms.tune_tir`, whose fastest four records are compiled and
compared on random data, element by element, with the unscheduled program compiled as it is, which
runs once for the four. Prints a Markdown table and ends with counts; the exit status
is 1 if stock makes candidates of a program and heron_ms has no record of it, or a wrong one. A
killed run goes on where it stopped.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

from common import Record, at_least, first_line, pin
from operator_rows import CHECKED, Rows, parser, running, show, target, tensorized, tools

HEAD = (
    "entry", "index", "stock candidates", "records", "tensorized by", "invalid", "right", "seconds",
    "failure",
)  # fmt: skip
INDICES = (0, 1, 2, 3)


def make(identity: Record, out: Path) -> Record:
    """A row: stock's candidates, our records, and how many of the fastest are right."""
    begun = perf_counter()
    found: Record = {"stock candidates": 0, "records": 0, "invalid": 0, "right": "0 of 0"}
    try:
        func = _function(identity["entry"], identity["index"])
        found["stock candidates"] = stock_candidates(func, identity["trials"])
        found |= _ours(func, identity, out)
    except Exception as error:  # whatever it is, the table shows it
        found["failure"] = first_line(error)
    return {**found, "seconds": round(perf_counter() - begun, 1)}


def _function(entry: str, index: int) -> Any:
    from tvm import te
    from tvm.s_tir.meta_schedule.testing.te_workload import CONFIGS

    function, shapes = CONFIGS[entry]
    return te.create_prim_func(list(function(*shapes[index])))


def stock_candidates(func: Any, wanted: int) -> int:
    """How many of so many candidates stock's rules and its replay of random traces make."""
    from tvm.s_tir import meta_schedule as ms

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
    import heron_ms
    from heron_ms._tvm import IRModule
    from heron_ms.measure.records import records_for

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
        "failure": "; ".join(str(each.message) for each in told),
    }


def _right(func: Any, records: list[Any]) -> int:
    """How many records compute what the unscheduled program does."""
    import numpy as np

    from heron_ms._tvm import IRModule, tvm_compile
    from heron_ms.checking import call, compared
    from heron_ms.compiling import scheduled
    from heron_ms.random_arguments import random_arguments

    # Whole numbers: a plain sum of a million others is off by more than any schedule of it.
    given = [np.rint(each) for each in random_arguments(func, np.random.default_rng(0))]
    expected = call(tvm_compile(IRModule({"main": func}), target())["main"], given)[-1]
    kernels = [tvm_compile(scheduled(each), target())["main"] for each in records]
    verdicts = [compared(each, func, lambda *_: expected, given) for each in kernels]
    return sum(each.wrong == 0 for each in verdicts)


def sound(row: Record) -> bool:
    """Whether no record is wrong, and some ran if stock makes candidates."""
    right, checked = row.get("right", "0 of 1").split(" of ")
    return right == checked and bool(int(checked) or not row["stock candidates"])


def summary(rows: list[Record]) -> str:
    """The last line."""
    stock = [each for each in rows if each.get("stock candidates")]
    tuned = [each for each in stock if each.get("records")]
    right = [each for each in tuned if sound(each)]
    wide = [each for each in tuned if not each["tensorized by"].startswith("none")]
    left = [f"{each['entry']} {each['index']}" for each in rows if each not in stock]
    beside = f"; not by stock: {', '.join(left)}" if left else ""
    return (
        f"{len(tuned)} of the {len(stock)} programs that stock can tune are tuned and {len(right)} "
        f"of these all right; {len(wide)} are tensorized{beside}"
    )


def main() -> int:
    """Print the table; the exit status."""
    options = parser(__doc__, "build/stock_operators")
    options.add_argument("--index", type=at_least(0), action="append", help="default 0 to 3")
    options.add_argument("--trials", type=at_least(1), default=8, help="a program; default 8")
    args = options.parse_args()
    pin(args.core)
    cases = _cases(args)
    if not cases:
        options.error("no entry has this in its name, or no such index")
    made = Rows(make, args.out)
    rows = [made.row(each | {"trials": args.trials}) for each in cases]
    made.close()
    show(rows, HEAD, args.json)
    print(f"\n{summary(rows)}")
    return 0 if all(map(sound, rows)) else 1


def _cases(args: Any) -> list[Record]:
    from tvm.s_tir.meta_schedule.testing.te_workload import CONFIGS

    return [
        {"entry": entry, "index": index}
        for entry, (_, shapes) in CONFIGS.items()
        for index in args.index or INDICES
        if index < len(shapes) and (not args.only or any(each in entry for each in args.only))
    ]


if __name__ == "__main__":
    sys.exit(main())
