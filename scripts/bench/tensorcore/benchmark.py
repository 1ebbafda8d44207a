"""Random programs for TensorCores: whether each lowers, compiles without spills, and is exact.

For every GPU, operator and type some assignments of the space are drawn, evenly of all sketches.
All pass the postprocessors and are lowered, and stock's check of GPU programs passes what was made
of them. The shared memory of each kernel is compared with its variable; the first few are compiled
(nvcc), none of which may have a stack or spill registers, and the first of these emulated, exact on
integers with copies late and eager. Stock's space for TensorCores is asked beside, on one GPU; its
programs are not emulated. No GPU is needed and none is asked. The exit status is 1 if one of ours
fails. A GPU that is older than what nvcc compiles for (v100 with CUDA 13) is compiled as the oldest
of those. The programs of an RTX 3090 are those of an RTX 4090 too, and are compiled for both; so
are those of an H100 those of an H200, for which nvcc makes the same of them.

Without options that is 1,000 programs drawn, 64 compiled and 16 emulated of each of all rows, but
that those of large programs are not emulated. A row is kept when it is finished, and none is begun
when --seconds are over: the same command goes on with the next one. With the same numbers and the
same --out, parts of the rows (--only) may be made one after another. What a program took is said in
the end: on one core of a Zen 4 server it was mostly 0.03 to 0.3 s for each that was drawn, 0.1 to
0.7 s for each compiled and 1 to 3 s for each emulated, one to six minutes a row.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from time import perf_counter

import numpy as np

from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_seconds, add_seed, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import Rows, told_left
from scripts.bench.tensorcore.cases import LARGE, OURS, SIZES, Case, cases
from scripts.bench.tensorcore.judged import DONE, FAILURES, Judge
from scripts.bench.tensorcore.scheduled import programs

COUNTS = (*DONE, *FAILURES)
HEAD = ("GPU", "program", "dtype", "space", *COUNTS)


def options(parser: ArgumentParser) -> None:
    """How many programs of each."""
    for name, default, what in (
        ("drawn", 1000, "programs drawn and lowered"),
        ("compiled", 64, "of these compiled"),
        ("emulated", 16, "of these emulated"),
    ):
        parser.add_argument(f"--{name}", type=at_least(0), default=default, metavar="N",
                            help=f"{what}, of each row (default {default})")  # fmt: skip
    add_seconds(parser)
    add_seed(parser)
    add_only(parser, "rows, such as a100/gemm/f16/heron_ms,")


def run(arguments: Namespace) -> Report:
    """A row for each GPU, operator, type and space."""
    asked = {name: getattr(arguments, name) for name in (*DONE, "seed")}
    every = cases((*SIZES, *LARGE))
    chosen = [case for case in every if is_chosen(case.name, arguments.only)]
    identities = (case.identity | {"asked": asked} for case in chosen)
    rows = Rows(_made, arguments.out).all_of(identities, arguments.seconds)
    made = [{**dict.fromkeys(COUNTS, 0), **row} for row in rows]
    ours = [row for row in made if row["space"] == OURS]
    bad = list(filter(_fails, ours))
    notes = [f"{row['GPU']}, {row['program']}, {row['dtype']}: {_why(row)}" for row in bad]
    drawn = sum(row["drawn"] for row in ours)
    notes.append(f"{drawn:,} programs of heron_ms, {len(bad)} of {len(ours)} rows with a failure.")
    left = len(chosen) - len(made)
    text = "\n".join([*notes, *told_left(left), *_times(ours)])
    lines = ([row[name] for name in HEAD] for row in made)
    table = Report.of_table(HEAD, lines, text, not bad and not left)
    return Report.joined({"rows": table, "totals": _totals(made)})


def _made(identity: Record, _: Path) -> Record:
    """The counts of a row."""
    asked = identity["asked"]
    case = Case.of(identity)
    rng = np.random.default_rng(asked["seed"])
    emulated = 0 if case.program in LARGE else asked["emulated"]
    judge = Judge(case, rng, compiled=asked["compiled"], emulated=emulated)
    begun = perf_counter()
    for made in programs(case, asked["drawn"], asked["seed"]):
        if made is None:
            judge.refuse()
        else:
            judge.judge(*made)
    judge.finish()
    drawing = perf_counter() - begun - sum(judge.seconds.values())
    return {**judge.counts, "failure": judge.why, "seconds": {**judge.seconds, "drawn": drawing}}


def _fails(row: Record) -> bool:
    return bool(row["failure"] or any(row[name] for name in FAILURES))


def _why(row: Record) -> str:
    counted = [f"{row[name]} {name}" for name in FAILURES if row[name]]
    return "; ".join([*counted, *([row["failure"]] if row["failure"] else [])])


def _times(rows: list[Record]) -> list[str]:
    """What a program took of each of `DONE`, where any was timed."""
    timed = [row for row in rows if "seconds" in row]
    counts = {name: sum(row[name] for row in timed) for name in DONE}
    spent = {name: sum(row["seconds"].get(name, 0.0) for row in timed) for name in DONE}
    each = [f"{spent[name] / count:.2f} s {name}" for name, count in counts.items() if count]
    return [f"A program took {', '.join(each)}."] if each else []


def _totals(rows: list[Record]) -> Report:
    """What became of the programs of each GPU and type."""
    named = ((f"{row['GPU']}, {row['dtype']}, {row['space']}", row) for row in rows)
    return Report.of_sums(("programs for", "rows", *COUNTS), named, COUNTS)
