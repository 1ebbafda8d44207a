"""Whole models on this CPU, ours beside ONNX Runtime, OpenVINO and PyTorch.

    python -m scripts.bench models --only resnet50 --trials 400 --seconds 600

Each model is written to a file, its tasks are searched for a limited time, and then all who can run
it are timed in turn, round after round, in one process and on the same cores, after their outputs
have been compared with those of ONNX Runtime, which is told not to saturate. Float32 may be off by
a thousandth of the largest output, a quantised model by what rounding alone does to it. Where
products of 8 bits saturate in the kernels of others, the weights of quantised models have 7, as
ONNX Runtime's guide advises. Without ``--trials`` nothing is searched, and what is timed is ours
without a trial.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import geometric_mean
from time import perf_counter

from heron_ms._tvm import Target
from heron_ms.hardware import host, physical_cpus
from heron_ms.models.comparing import QUANTISED
from heron_ms.models.reference import reference
from heron_ms.models.sensitivity import largest_share, sensitivity
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rounds import alternate
from scripts.bench.harness.rows import Rows
from scripts.bench.models import tuning
from scripts.bench.models.contenders import (
    OURS,
    PEERS,
    Case,
    Contender,
    Outputs,
    as_it_is,
    tuned,
)
from scripts.bench.models.zoo import NETS

FLOATS = 1e-3
"""How far outputs of float32 may be off, of the largest one."""


def options(parser: ArgumentParser) -> None:
    """Which models, how long, and beside whom."""
    add_only(parser, "models")
    parser.add_argument("--trials", type=at_least(0), default=0, metavar="N",
                        help="of each model; 0 searches nothing (default 0)")  # fmt: skip
    parser.add_argument("--seconds", type=at_least(1), default=600, metavar="N",
                        help="that a search may take (default 600)")  # fmt: skip
    parser.add_argument("--rounds", type=at_least(1), default=9, metavar="N",
                        help="of timing (default 9)")  # fmt: skip
    parser.add_argument("--stock", type=at_least(1), action="append", default=[], metavar="N",
                        help="search with stock MetaSchedule too, at equal trials, so many to a "
                        "task before the next (its default is 64); may be repeated")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Makes the rows that are missing. Raises SystemExit for no model."""
    # A whole name means that model alone: "resnet50" is in "resnet50-int8" too.
    named = [net for net in NETS if net.name in arguments.only]
    nets = named or [net for net in NETS if is_chosen(net.name, arguments.only)]
    if not nets:
        raise SystemExit("no model has this in its name")
    cores = len(physical_cpus()) if arguments.cores == "all" else 1
    rows = Rows(make, arguments.out).all_of(
        {
            "model": net.name,
            "trials": arguments.trials,
            "seconds": arguments.seconds,
            "rounds": arguments.rounds,
            "stock": arguments.stock,
            "cores": cores,
        }
        for net in nets
    )
    return report(rows)


def make(identity: Record, out: Path) -> Record:
    """A row: milliseconds of each contender, who is right, and why the others are missing."""
    (net,) = [net for net in NETS if net.name == identity["model"]]
    try:
        case = Case.of(net, out / "nets", Target(host().target(identity["cores"])),
                       identity["cores"])  # fmt: skip
    except (Exception, SystemExit) as error:
        return {"failure": first_line(error)}
    ready, missing, seconds = _contenders(case, identity, out)
    right, allowed = _right(case)
    errors = {name: largest_share(it.outputs(), right) for name, it in ready.items()}
    timed = alternate({name: ready[name].call for name in ready}, identity["rounds"])
    return {
        "ms": {name: record["wall_us"] / 1e3 for name, record in timed.items()},
        "error": errors,
        "allowed": allowed,
        "tasks_ms": tuning.sum_of_tasks(case, _folder(case, identity, out)),
        "missing": missing,
        "made_in": seconds,
        "right": all(errors[name] <= allowed for name in errors if OURS in name),
    }


def _contenders(
    case: Case, identity: Record, out: Path
) -> tuple[dict[str, Contender], dict[str, str], dict[str, float]]:
    """Those who are ready, why the others are not, and the seconds that each took."""
    makers: dict[str, Callable[[], Contender]] = {
        name: partial(make, case) for name, make in PEERS.items()
    }  # fmt: skip
    trials, seconds = identity["trials"], identity["seconds"]
    folder = _folder(case, identity, out)
    if trials:
        makers[OURS] = lambda: tuned(case, tuning.search(case, folder, trials, seconds))
    for each in identity["stock"] if trials else ():
        makers[f"stock, {each} at a time"] = partial(_stock, case, folder, trials, each)
    ready, missing, took = {}, {}, {}
    for name, made in makers.items():
        begun = perf_counter()
        try:
            ready[name] = made()
        except Exception as error:  # whatever it is, the table shows it
            missing[name] = first_line(error)
        took[name] = round(perf_counter() - begun, 1)
    return ready, missing, took


def _stock(case: Case, folder: Path, trials: int, each: int) -> Contender:
    aside = folder.with_name(f"{folder.name}-stock-{each}")
    return as_it_is(case, tuning.stock_search(case, aside, trials, each))


def _folder(case: Case, identity: Record, out: Path) -> Path:
    """Where a search of ours keeps its records."""
    return out / "tuned" / f"{case.net.name}-{identity['cores']}"


def _right(case: Case) -> tuple[Outputs, float]:
    """The outputs of a model, and the share of the largest that others may be off."""
    model = case.model()
    arrays = [case.feeds[given.name] for given in model.inputs]
    _, outputs = reference(model, case.file, arrays)
    if not case.net.int8:
        return outputs, FLOATS
    return outputs, max(QUANTISED, sensitivity(model, case.file, arrays, outputs))


def report(rows: list[Record]) -> Report:
    """Milliseconds, ratios to ours, and the geometric means of these."""
    names = list(dict.fromkeys(name for row in rows for name in row.get("ms", {})))
    cells = [
        [row["model"], *(_cell(row, name) for name in names), _ratio(row), _verdict(row)]
        for row in rows
    ]
    times = Report.of_table(["model", *names, "tasks to model", "ours"], cells)
    means = _means(rows, names)
    heading = "Geometric means of the speed relative to"
    parts = [times.text, *([heading, means.text] if means.data else [])]
    data = {"times": times.data, "means": means.data, "rows": rows}
    return Report("\n\n".join(parts), data, all(row.get("right") for row in rows))


def _cell(row: Record, name: str) -> str:
    return f"{row['ms'][name]:.2f}" if name in row.get("ms", {}) else ""


def _ratio(row: Record) -> str:
    """The sum of the tasks as they were measured to what the model takes."""
    whole, tasks = row.get("ms", {}).get(OURS), row.get("tasks_ms")
    return f"{tasks / whole:.2f}" if whole and tasks else ""


def _verdict(row: Record) -> str:
    if "failure" in row:
        return str(row["failure"])
    missing = [f"{name}: {why}" for name, why in row["missing"].items() if OURS in name]
    if missing:
        return "; ".join(missing)
    worst = max(error for name, error in row["error"].items() if OURS in name)
    return f"{'right' if row['right'] else 'WRONG'}, off by {worst:.1e}"


def _means(rows: list[Record], names: list[str]) -> Report:
    """For each program of ours and each other, how many times as fast ours is in the mean."""
    ours, others = ([n for n in names if (OURS in n) is mine] for mine in (True, False))
    cells = [[name, *(_mean(_ratios(rows, name, other)) for other in others)] for name in ours]
    return Report.of_table(["of", *others], cells)


def _mean(ratios: list[float]) -> str:
    return f"{geometric_mean(ratios):.2f}" if ratios else ""


def _ratios(rows: list[Record], ours: str, peer: str) -> list[float]:
    timed: list[Mapping[str, float]] = [row.get("ms", {}) for row in rows]
    return [times[peer] / times[ours] for times in timed if ours in times and peer in times]
