"""What is made of each case: stock's search, then heron_ms's, and a comparison of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms.workloads import SUITES, Workload
from scripts.bench.harness.commands import finished
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.rows import journal_of
from scripts.bench.peers.libraries.kernel import Job
from scripts.bench.tensorcore.speed import contenders, stock
from scripts.bench.tensorcore.speed.contenders import Make, makers
from scripts.bench.tensorcore.speed.timing import seconds

CASES = {workload.name: workload for workload in SUITES["tensorcore"]}
SEARCH, COMPARISON = "stock's search", "comparison"


class Nothing(Exception):
    """A search has no program; the message says why."""


def identities(gpu: str, cases: Iterable[str], trials: int) -> Iterator[Record]:
    """Of the rows: for each case what stock finds, and then the comparison, which looks at that."""
    for case in cases:
        for part in (SEARCH, COMPARISON):
            yield {"GPU": gpu, "case": case, "trials": trials, "part": part}


def made(identity: Record, out: Path) -> Record:
    """The row of an identity."""
    workload = CASES[identity["case"]]
    if identity["part"] == SEARCH:
        folder = _of_stock(identity, out)
        return stock.searched(workload, identity["GPU"], identity["trials"], folder)
    folder = out / identity["case"]
    sizes = map(str, workload.case)
    words = ["tune", workload.operator, *sizes, "--dtype", "f16", "--target", identity["GPU"]]
    words += ["--weight", workload.weight, "--trials", str(identity["trials"])]
    finished([*words, "--work-dir", str(folder)], out / "tune.txt")
    ours = partial(contenders.ours, workload, folder)
    return _compared(workload, ours, partial(_found_by_stock, workload, identity, out))


def _found_by_stock(workload: Workload, identity: Record, out: Path) -> Any:
    """The best program of stock's, compiled; raises `Nothing`."""
    search = journal_of(out).find({**identity, "part": SEARCH})
    why = "its search has not ended" if search is None else search["why"]
    if why:
        raise Nothing(why)
    return stock.best(workload, identity["GPU"], _of_stock(identity, out))


def _of_stock(identity: Record, out: Path) -> Path:
    """Of its search: as many trials begin anew, and what others left is not theirs."""
    return out / f"stock-{identity['trials']}" / str(identity["case"])


def _compared(workload: Workload, ours: Make, of_stock: Make) -> Record:
    """Microseconds of each contender that is right, and why the others are not there."""
    a, b = workload.random_inputs(np.random.default_rng(0))
    job = Job(workload, a, b, workload.reference(a, b))
    times: Record = {}
    problems: Record = {}
    for name, make in makers(job, ours, of_stock).items():
        try:
            kernel = make()
            if kernel.right(job):
                times[name] = seconds(kernel.run) * 1e6
            else:
                problems[name] = "wrong result"
        except Nothing as error:
            problems[name] = str(error)
        except Exception as error:  # the others are still worth timing
            problems[name] = f"{type(error).__name__}: {first_line(error)}"
    return {"us": times, "problems": problems, "operations": workload.operations}
