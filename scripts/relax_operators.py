"""Every operator of Relax that legalises to TensorIR, tuned by heron_ms and compared.

Which ones are is asked of TVM: the operators of `tvm.relax.op` with a legalisation, and the few
functions there that compose such. For each, a module that calls it alone on small shapes
(`relax_examples`), legalised and fused; its tasks are tuned by `heron_ms.tune_relax`, the fastest
records of each compared with the unscheduled function, and the model as `heron_ms.compile_relax`
compiles it with the untuned one, on random data. What stays untuned is named with the reason.

A row without a task says why there is none: an operator that takes no tensor or only looks at a
shape is folded to a constant, one that marks a place is gone, and one that TVM cannot legalise
names TVM's error. Operators of several processes and those that inspect a tensor's handle are
left out. Prints a Markdown table and ends with counts; the exit status is 1 if something is wrong.
A killed run goes on where it stopped.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

from common import Record, at_least, first_line, pin
from operator_rows import CHECKED, Rows, parser, planned, running, show, target, tensorized, tools

HEAD = (
    "operator", "tasks", "records", "tensorized by", "invalid", "right", "model", "seconds",
    "named",
)  # fmt: skip
ELSEWHERE = ("ccl.", "dist.", "inspect.")
"""Operators of several processes, and those that read the handle of a tensor, not the tensor."""


def legalising() -> list[str]:
    """The operators that TVM has a legalisation for, by their names below `tvm.relax.op`."""
    from tvm.ir import Op

    names = [str(each) for each in Op.list_op_names() if str(each).startswith("relax.")]
    found = [each for each in names if Op.get(each).get_attr("FLegalize") is not None]
    short = (each.removeprefix("relax.") for each in found)
    return sorted(each for each in short if not each.startswith(ELSEWHERE))


def make(identity: Record, out: Path) -> Record:
    """A row: what there is to tune in an operator, and whether what was tuned is right."""
    begun = perf_counter()
    found: Record = {"tasks": 0, "records": 0, "invalid": 0, "right": "0 of 0", "model": ""}
    try:
        found |= _tuned(identity, out)
    except Exception as error:  # whatever it is, the table shows it
        found["failure"] = found["named"] = first_line(error)
    return {**found, "seconds": round(perf_counter() - begun, 1)}


def _tuned(identity: Record, out: Path) -> Record:
    from relax_examples import EXAMPLES

    import heron_ms
    from heron_ms._tvm import ms
    from heron_ms.tune_model import legalize_and_fuse

    example = EXAMPLES[identity["operator"]]
    mod = example.module()
    try:
        fused = legalize_and_fuse(mod)
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
    named = "; ".join(dict.fromkeys(str(each.message) for each in told))
    found = _checked(database, tasks, example, mod)
    if found["records"] and found["invalid"] == found["records"]:
        named = f"{named}; " * bool(named) + "no program of it ran on the runner's random arguments"
    return {"named": named, "tasks": len(tasks), **found}


def _checked(database: Any, tasks: Any, example: Any, mod: Any) -> Record:
    """The records of all tasks, how many of the fastest are right, and the model."""
    from heron_ms.measure.records import records_for

    counts = {"records": 0, "invalid": 0}
    right, tried, names = 0, 0, []
    for task in tasks:
        program = task.dispatched[0]
        records = records_for(database, program, target())
        valid = running(records)
        counts["records"] += len(records)
        counts["invalid"] += len(records) - len(valid)
        right += sum(_right(program, each) for each in valid[:CHECKED])
        tried += len(valid[:CHECKED])
        names += [tensorized(records, program)] if records else []
    return {
        **counts,
        "tensorized by": "; ".join(dict.fromkeys(names)),
        "right": f"{right} of {tried}",
        "model": _model(database, example, mod),
    }


def _right(program: Any, record: Any) -> bool:
    from heron_ms._tvm import tvm_compile
    from heron_ms.checking import compared
    from heron_ms.compiling import scheduled

    kernel = tvm_compile(scheduled(record), target())["main"]
    return compared(kernel, program["main"], seed=0).wrong == 0


def _model(database: Any, example: Any, mod: Any) -> str:
    """Whether the model with the best records computes what the untuned one does."""
    import heron_ms
    from heron_ms._tvm import tvm_compile

    given = example.data()
    tuned = _outputs(heron_ms.compile_relax(database, mod, target(), {}), given)
    plain = _outputs(tvm_compile(mod, target()), given)
    same = len(tuned) == len(plain) and all(map(_same, tuned, plain))
    return "right" if same else "wrong"


def _same(ours: Any, right: Any) -> bool:
    """Equal, or for floats within what another order of the sums may change."""
    import numpy as np

    if ours.shape != right.shape or ours.dtype.kind in "iub":
        return np.array_equal(ours, right)
    ours, right = ours.astype("float64"), right.astype("float64")
    largest = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    return np.allclose(ours, right, rtol=0.0, atol=1e-4 * float(largest), equal_nan=True)


def _outputs(executable: Any, given: list[Any]) -> list[Any]:
    import tvm
    from tvm import relax

    machine = relax.VirtualMachine(executable, tvm.cpu())
    result = machine["main"](*map(tvm.runtime.tensor, given))
    parts = [result] if hasattr(result, "numpy") else list(result)
    return [each.numpy() for each in parts]


def sound(row: Record) -> bool:
    """Whether it is tuned or named, and nothing of it is wrong."""
    right, checked = row.get("right", "0 of 1").split(" of ")
    told = bool(int(checked) or row["named"]) if "records" in row else False
    return right == checked and told and not row.get("failure") and "wrong" not in row["model"]


def summary(rows: list[Record], missing: list[str]) -> str:
    """The last line."""
    good = [each for each in rows if sound(each)]
    tuned = [each for each in good if each["records"]]
    without = f"; without an example: {', '.join(missing)}" if missing else ""
    return (
        f"{len(good)} of {len(rows) + len(missing)} operators all right: {len(tuned)} tuned, "
        f"{len(good) - len(tuned)} named{without}"
    )


def main() -> int:
    """Print the table; the exit status."""
    options = parser(__doc__, "build/relax_operators")
    options.add_argument("--trials", type=at_least(1), default=4, help="a task; default 4")
    options.add_argument("--plan", action="store_true", help="invent latencies, measure nothing")
    args = options.parse_args()
    pin(args.core)
    from relax_examples import EXAMPLES

    chosen = [each for each in EXAMPLES if not args.only or any(x in each for x in args.only)]
    if not chosen:
        options.error("no operator has this in its name")
    missing = [] if args.only else sorted(set(legalising()) - set(EXAMPLES))
    made = Rows(make, args.out)
    rows = [
        made.row({"operator": each, "trials": args.trials, "plan": args.plan}) for each in chosen
    ]
    made.close()
    show(rows, HEAD, args.json)
    print(f"\n{summary(rows, missing)}")
    return 0 if all(map(sound, rows)) and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
