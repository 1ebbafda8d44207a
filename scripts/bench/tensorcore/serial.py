"""Random programs for TensorCores in TensorIR: the numbers of each, one thread after the other.

Programs are drawn as by `tensorcore-validity`. Each has in place of every instruction what that is
described to compute, and no thread is bound, so that LLVM compiles it for this CPU: tiles, padding,
split sums and the fragments' places in lanes are as on the GPU; copies aside and barriers are not
there, nor is the permutation of shared memory (those are the emulator's). Bytes have to be exact,
floats within the bound that `Workload.tolerance` states for a sum in any order, with data uniform
over the type or standard normal. The exit status is 1 if one is wrong or cannot be made.

A row is kept when it is finished. None is begun when --seconds are over; the same command goes on.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import heron_ms
from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.constraints import constrain
from heron_ms.hardware import host
from heron_ms.testing import spread
from heron_ms.testing.described import by_description
from heron_ms.testing.serial import serial
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_seconds, add_seed, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.right import Operands, share_right
from scripts.bench.harness.rows import Rows, told_left
from scripts.bench.tensorcore.cases import OURS, Case, cases

COUNTS = ("programs", "compiled", "right")
HEAD = ("GPU", "program", "dtype", *COUNTS)


def options(parser: ArgumentParser) -> None:
    """How many programs of which rows, and how long."""
    add = parser.add_argument
    add("--programs", type=at_least(1), default=1000, metavar="N",
        help="of each row (default 1000)")  # fmt: skip
    add_seconds(parser)
    add_seed(parser)
    add_only(parser, "rows, such as a100/gemm/f16,")


def run(arguments: Namespace) -> Report:
    """A row for each GPU, operator and type."""
    chosen = [
        case for case in cases() if case.side == OURS and is_chosen(case.name, arguments.only)
    ]
    asked = {"asked": {"programs": arguments.programs, "seed": arguments.seed}}
    identities = [case.identity | asked for case in chosen]
    rows = Rows(_made, arguments.out).all_of(identities, arguments.seconds)
    made = [{**dict.fromkeys(COUNTS, 0), **row} for row in rows]
    bad = [row for row in made if row["failure"] or row["right"] < row["programs"]]
    notes = [f"{row['GPU']}, {row['program']}, {row['dtype']}: {row['failure'] or 'wrong'}"
             for row in bad]  # fmt: skip
    programs = sum(row["programs"] for row in made)
    notes.append(f"{programs:,} programs, {len(bad)} of {len(made)} rows with a failure.")
    left = len(chosen) - len(made)
    notes += told_left(left)
    lines = ([row[name] for name in HEAD] for row in made)
    table = Report.of_table(HEAD, lines, "\n".join(notes), not bad and not left)
    named = ((f"{row['GPU']}, {row['dtype']}", row) for row in made)
    totals = Report.of_sums(("programs for", "rows", *COUNTS), named, COUNTS)
    return Report.joined({"rows": table, "totals": totals})


def _made(identity: Record, _: Path) -> Record:
    """The counts of a row, and its first failure."""
    case, asked = Case.of(identity), identity["asked"]
    counts: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
    why = ""
    rng = np.random.default_rng(asked["seed"])
    # A program runs once: it is compiled in half the time where LLVM does not optimise it.
    target = Target({**host().target(1), "opt-level": 0})
    for number, mod in enumerate(_programs(case, asked["programs"], rng)):
        counts["programs"] += 1
        try:
            kernel = tvm_compile(serial(mod), target=target)
            counts["compiled"] += 1
            operands = Operands.of(case.workload, asked["seed"] + number)
            counts["right"] += share_right(kernel["main"], operands) == 1.0
        except Exception as error:  # whatever it is, the table shows it
            why = why or first_line(error)
    return {**counts, "failure": why}


def _programs(case: Case, count: int, rng: np.random.Generator) -> Iterator[IRModule]:
    """Random assignments of all sketches in turn, with descriptions in place of instructions."""
    gpu = case.machine
    mod = heron_ms.normalize(IRModule({"main": case.workload.prim_func()}), gpu)
    sketches = [
        constrain(made, gpu) for made in heron_ms.generate_sketches(mod, Target(gpu.target()))
    ]
    for index, assignment in spread(sketches, count, rng):
        with by_description(gpu):
            yield sketches[index].materialize(assignment).mod
