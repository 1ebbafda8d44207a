"""Every operator of Relax that legalises to TensorIR, tuned by heron_ms and compared.

Which ones are is asked of TVM: the operators of `tvm.relax.op` with a legalisation, and the few
functions there that compose such. For each, a module that calls it alone on small shapes
(`examples`), legalised and fused; its tasks are tuned by `heron_ms.tune_relax`, the fastest
records of each compared with the unscheduled function, and the model as `heron_ms.compile_relax`
compiles it with the untuned one, on random data. What stays untuned is named with the reason.

A row without a task says why there is none: an operator that takes no tensor or only looks at a
shape is folded to a constant, one that marks a place is gone, and one that TVM cannot legalise
names TVM's error. Operators of several processes and those that inspect a tensor's handle are
left out. Ends with counts; the exit status is 1 if something is wrong.
"""

from __future__ import annotations

import warnings
from argparse import ArgumentParser, Namespace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import tvm
from tvm import relax
from tvm.ir import Op

import heron_ms
from heron_ms._tvm import ms, tvm_compile
from heron_ms.checking import compared
from heron_ms.compiling import scheduled
from heron_ms.measure.devices import device_for
from heron_ms.measure.records import records_for
from heron_ms.models.passes import prepared
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_trials, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import Rows
from scripts.bench.operators.examples import EXAMPLES
from scripts.bench.operators.rows import (
    CHECKED,
    planned,
    report_of,
    running,
    target,
    tensorized,
    tools,
)

HEAD = (
    "operator", "tasks", "records", "tensorized by", "invalid", "right", "model", "seconds",
    "named",
)  # fmt: skip
ELSEWHERE = ("ccl.", "dist.", "inspect.")
"""Operators of several processes, and those that read the handle of a tensor, not the tensor."""


def legalising() -> list[str]:
    """The operators that TVM has a legalisation for, by their names below `tvm.relax.op`."""
    names = [str(name) for name in Op.list_op_names() if str(name).startswith("relax.")]
    legalised = [name for name in names if Op.get(name).get_attr("FLegalize") is not None]
    short = (name.removeprefix("relax.") for name in legalised)
    return sorted(name for name in short if not name.startswith(ELSEWHERE))


def make(identity: Record, out: Path) -> Record:
    """A row: what there is to tune in an operator, and whether what was tuned is right."""
    begun = perf_counter()
    row: Record = {"tasks": 0, "records": 0, "invalid": 0, "right": "0 of 0", "model": ""}
    try:
        row |= _tuned(identity, out)
    except Exception as error:  # whatever it is, the table shows it
        row["failure"] = row["named"] = first_line(error)
    return {**row, "seconds": round(perf_counter() - begun, 1)}


def _tuned(identity: Record, out: Path) -> Record:
    example = EXAMPLES[identity["operator"]]
    mod = example.module()
    try:
        fused = prepared(mod)
    except Exception as error:
        return {"named": f"TVM does not legalise it: {first_line(error)}"}
    tasks = ms.relax_integration.extract_tasks(fused, target(), {})
    if not tasks:
        return {"named": "legalised to no function: a constant, or its own argument"}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", heron_ms.UntunedWarning)
        trials = identity["trials"]
        database = heron_ms.tune_relax(
            mod,
            {},
            target(),
            str(out / identity["operator"]),
            trials * len(tasks),
            trials,
            num_trials_per_iter=trials,
            seed=0,
            **(planned() if identity["plan"] else tools()),
        )
    named = "; ".join(dict.fromkeys(str(warning.message) for warning in told))
    checked = _checked(database, tasks, example, mod)
    if checked["records"] and checked["invalid"] == checked["records"]:
        named = f"{named}; " * bool(named) + "no program of it ran on the runner's random arguments"
    return {"named": named, "tasks": len(tasks), **checked}


def _checked(database: Any, tasks: Any, example: Any, mod: Any) -> Record:
    """The records of all tasks, how many of the fastest are right, and the model."""
    counts = {"records": 0, "invalid": 0}
    right, tried, names = 0, 0, []
    for task in tasks:
        program = task.dispatched[0]
        records = records_for(database, program, target())
        valid = running(records)
        counts["records"] += len(records)
        counts["invalid"] += len(records) - len(valid)
        right += sum(_right(program, record) for record in valid[:CHECKED])
        tried += len(valid[:CHECKED])
        names += [tensorized(records, program)] if records else []
    return {
        **counts,
        "tensorized by": "; ".join(dict.fromkeys(names)),
        "right": f"{right} of {tried}",
        "model": _model(database, example, mod),
    }


def _right(program: Any, record: Any) -> bool:
    device = device_for(target())
    kernel = device.compile(scheduled(record), target())["main"]
    return compared(device, kernel, program["main"], seed=0).wrong == 0


def _model(database: Any, example: Any, mod: Any) -> str:
    """Whether the model with the best records computes what the untuned one does."""
    given = example.data()
    tuned = _outputs(heron_ms.compile_relax(database, mod, target(), {}), given)
    plain = _outputs(tvm_compile(mod, target()), given)
    same = len(tuned) == len(plain) and all(map(_same, tuned, plain))
    return "right" if same else "wrong"


def _same(ours: Any, right: Any) -> bool:
    """Equal, or for floats within what another order of the sums may change."""
    if ours.shape != right.shape or ours.dtype.kind in "iub":
        return np.array_equal(ours, right)
    ours, right = ours.astype("float64"), right.astype("float64")
    largest = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    return np.allclose(ours, right, rtol=0.0, atol=1e-4 * float(largest), equal_nan=True)


def _outputs(executable: Any, given: list[Any]) -> list[Any]:
    machine = relax.VirtualMachine(executable, tvm.cpu())
    result = machine["main"](*map(tvm.runtime.tensor, given))
    parts = [result] if hasattr(result, "numpy") else list(result)
    return [part.numpy() for part in parts]


def sound(row: Record) -> bool:
    """Whether it is tuned or named, and nothing of it is wrong."""
    right, checked = row.get("right", "0 of 1").split(" of ")
    told = bool(int(checked) or row["named"]) if "records" in row else False
    return right == checked and told and not row.get("failure") and "wrong" not in row["model"]


def summary(rows: list[Record], missing: list[str]) -> str:
    """The last line."""
    good = [row for row in rows if sound(row)]
    tuned = [row for row in good if row["records"]]
    without = f"; without an example: {', '.join(missing)}" if missing else ""
    return (
        f"{len(good)} of {len(rows) + len(missing)} operators all right: {len(tuned)} tuned, "
        f"{len(good) - len(tuned)} named{without}"
    )


def options(parser: ArgumentParser) -> None:
    """Which operators, and how long."""
    add_only(parser, "operators")
    add_trials(parser, 4, "each task")
    parser.add_argument("--plan", action="store_true", help="invent latencies, measure nothing")


def run(arguments: Namespace) -> Report:
    """Tunes what is missing. Raises SystemExit for no operator."""
    chosen = [name for name in EXAMPLES if is_chosen(name, arguments.only)]
    if not chosen:
        raise SystemExit("no operator has this in its name")
    missing = [] if arguments.only else sorted(set(legalising()) - set(EXAMPLES))
    rows = Rows(make, arguments.out).all_of(
        {"operator": name, "trials": arguments.trials, "plan": arguments.plan} for name in chosen
    )
    return report_of(rows, HEAD, summary(rows, missing), all(map(sound, rows)) and not missing)
