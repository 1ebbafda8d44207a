"""How many candidates are valid: stock MetaSchedule beside heron_ms, GEMM of bytes on CPUs.

Takes the candidates that stock would measure first, by its own rules and postprocessors, and as
many random ones of heron_ms's space. Each is built, run on random data in a process that may
crash, and compared with numpy bit for bit. Valid means: built, ran, and every number right.
"Repaired" rows give stock a VNNI intrinsic that LLVM 22 accepts, for without it none builds.
Candidates for a CPU that is not this one are built only; their schedules run here with each
intrinsic's description in place of its instruction.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import closing, nullcontext
from itertools import product
from typing import Any

from heron_ms._preload import preload_intrinsics
from scripts.bench.harness.console import first_line, logged, say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.options import add_seed, at_least
from scripts.bench.harness.report import Report
from scripts.bench.harness.trials import Candidate
from scripts.bench.stock.candidates import (
    heron_candidates,
    stock_candidates,
)
from scripts.bench.stock.judge import Judge
from scripts.bench.stock.repaired import repaired_stock_intrinsic
from scripts.bench.stock.rows import ROWS, Row
from scripts.bench.stock.table import beside, table

SIDES = ("stock", "heron_ms")
BATCH = 8
"""Candidates built at a time; results are written after each batch."""


def options(parser: ArgumentParser) -> None:
    """Which rows, which sides, how many candidates."""
    parser.epilog = "rows:\n" + "".join(f"  {row.name:16} {row.title}\n" for row in ROWS)
    names = [row.name for row in ROWS]
    add = parser.add_argument
    add("--rows", nargs="+", choices=names, default=names, metavar="ROW", help="see below")
    add("--sides", nargs="+", choices=SIDES, default=list(SIDES), help="leave the other out")
    add("--candidates", type=at_least(1), default=64, metavar="N",
        help="of each side, a row (default 64)")  # fmt: skip
    add("--strategy", choices=("evolutionary", "replay-trace"), default="evolutionary",
        help="how stock picks candidates: as tune_tir does by default, or at random")  # fmt: skip
    add("--timeout", type=at_least(1), default=60, metavar="S",
        help="seconds a build or a run may take (default 60)")  # fmt: skip
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """Judges the candidates that earlier runs have not; not sound where a side has none."""
    journal = Journal(arguments.out / "candidates.jsonl")
    rows = [row for row in ROWS if row.name in arguments.rows]
    preload_intrinsics()
    records, sound = {}, True
    for row, side in product(rows, arguments.sides):
        try:
            records[row.name, side] = _measure(row, side, arguments, journal)
        except Exception as error:  # the other side and the other rows still tell something
            say(f"{row.title}, {side}: no candidates: {first_line(error)}")
            sound = False
    judged = [{"row": row, "side": side, "candidates": found}
              for (row, side), found in records.items()]  # fmt: skip
    return Report.joined(
        {
            "table": table(rows, records),
            "beside": Report("", beside(rows, records)),
            "candidates": Report("", judged, sound),
        }
    )


def _measure(row: Row, side: str, arguments: Namespace, journal: Journal) -> list[Record]:
    """The records of one side of one row; those of an earlier run are not measured again."""
    with logged(journal.path.with_suffix(".log")):
        candidates = _candidates(row, side, arguments)
    keys = [
        _key(row, side, arguments.seed, index, candidate)
        for index, candidate in enumerate(candidates)
    ]
    known = {_identity(record): record for record in journal.records()}
    todo = [index for index, key in enumerate(keys) if _identity(key) not in known]
    with closing(Judge(row, arguments.seed, arguments.timeout)) as judge:
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            with logged(journal.path.with_suffix(".log")):
                judged = judge.judge([candidates[index] for index in batch])
            for index, verdict in zip(batch, judged, strict=True):
                known[_identity(keys[index])] = {**keys[index], **verdict}
                journal.append(known[_identity(keys[index])])
            say(f"{row.title}, {side}: {len(keys) - len(todo) + start + len(batch)}/{len(keys)}")
    return [known[_identity(key)] for key in keys]


def _candidates(row: Row, side: str, arguments: Namespace) -> list[Candidate]:
    program, count, seed = row.workload.prim_func(), arguments.candidates, arguments.seed
    if side == "heron_ms":
        return heron_candidates(program, row.target, count, seed)
    with repaired_stock_intrinsic() if row.repaired else nullcontext():
        return stock_candidates(program, row.target, count, seed, arguments.strategy)


def _key(row: Row, side: str, seed: int, index: int, candidate: Candidate) -> Record:
    return {"row": row.name, "side": side, "seed": seed, "index": index,
            "program": candidate.identity, "tensorized": candidate.tensorized}  # fmt: skip


def _identity(record: Record) -> tuple[Any, ...]:
    return tuple(record.get(name) for name in ("row", "side", "seed", "index", "program"))
