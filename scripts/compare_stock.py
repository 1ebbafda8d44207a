"""How many candidates are valid: stock MetaSchedule beside heron_ms, GEMM of bytes on CPUs.

Takes the candidates that stock would measure first, by its own rules and postprocessors, and as
many random ones of heron_ms's space. Each is built, run on random data in a process that may
crash, and compared with numpy bit for bit. Valid means: built, ran, and every number right.
"Repaired" rows give stock a VNNI intrinsic that LLVM 22 accepts, for without it none builds.
Candidates for a CPU that is not this one are built only; their schedules run here with each
intrinsic's description in place of its instruction.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from candidates import Candidate, heron_candidates, import_stock_intrinsics, stock_candidates
from common import Journal, Record, at_least, first_line, pin, redirected, say
from compare_stock_judge import Judge
from compare_stock_rows import ROWS, Row
from compare_stock_table import table
from repaired import repaired_stock_intrinsic

SIDES = ("stock", "heron_ms")
BATCH = 8
"""Candidates built at a time; results are written after each batch."""


def main() -> int:
    arguments = _parser().parse_args()
    core = pin(arguments.core)
    work_dir = Path(arguments.work_dir)
    journal = Journal(work_dir / "compare_stock.jsonl")
    rows = [row for row in ROWS if row.name in arguments.rows]
    import_stock_intrinsics()
    say(f"processor {core}, {arguments.candidates} candidates a side, results in {journal.path}")
    failed = False
    records = {}
    for row, side in ((row, side) for row in rows for side in arguments.sides):
        try:
            records[row.name, side] = _measure(row, side, arguments, journal)
        except Exception as error:  # the other side and the other rows still tell something
            say(f"{row.title}, {side}: no candidates: {first_line(error)}")
            failed = True
    print(table(rows, records))
    if arguments.json:
        document = [{"row": row, "side": side, "candidates": found}
                    for (row, side), found in records.items()]  # fmt: skip
        Path(arguments.json).write_text(json.dumps(document, indent=1) + "\n")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=(
            "rows:\n" + "".join(f"  {row.name:16} {row.title}\n" for row in ROWS) + "\nexamples:\n"
            "  python scripts/compare_stock.py --work-dir build/stock --json stock.json\n"
            "  python scripts/compare_stock.py --rows packed-repaired --candidates 16\n"
            "\nA killed run goes on where it stopped when it is started again the same way."
        ),
    )
    names = [row.name for row in ROWS]
    add = parser.add_argument
    add("--rows", nargs="+", choices=names, default=names, metavar="ROW", help="see below")
    add("--sides", nargs="+", choices=SIDES, default=list(SIDES), help="leave the other out")
    add("--candidates", type=at_least(1), default=64, help="of each side, a row (default 64)")
    add("--strategy", choices=("evolutionary", "replay-trace"), default="evolutionary",
        help="how stock picks candidates: as tune_tir does by default, or at random")  # fmt: skip
    add("--seed", type=int, default=0, help="of the sampling and of the random data (default 0)")
    add("--timeout", type=at_least(1), default=60,
        help="seconds a build or a run may take (default 60)")  # fmt: skip
    add("--core", type=int, help="processor to run on (default: the last one allowed)")
    add("--work-dir", default="build/compare_stock",
        help="results and TVM's messages (default build/compare_stock)")  # fmt: skip
    add("--json", metavar="FILE", help="write the verdict of every candidate to FILE")
    return parser


def _measure(row: Row, side: str, arguments: argparse.Namespace, journal: Journal) -> list[Record]:
    """The records of one side of one row; those of an earlier run are not measured again."""
    with _messages_to(journal.path.with_suffix(".log")):
        candidates = _candidates(row, side, arguments)
    keys = [_key(row, side, arguments.seed, index, each) for index, each in enumerate(candidates)]
    known = {_identity(record): record for record in journal.records()}
    todo = [index for index, key in enumerate(keys) if _identity(key) not in known]
    with closing(Judge(row, arguments.seed, arguments.timeout)) as judge:
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            with _messages_to(journal.path.with_suffix(".log")):
                judged = judge.judge([candidates[index] for index in batch])
            for index, verdict in zip(batch, judged, strict=True):
                known[_identity(keys[index])] = {**keys[index], **verdict}
                journal.append(known[_identity(keys[index])])
            say(f"{row.title}, {side}: {len(keys) - len(todo) + start + len(batch)}/{len(keys)}")
    return [known[_identity(key)] for key in keys]


def _candidates(row: Row, side: str, arguments: argparse.Namespace) -> list[Candidate]:
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


@contextmanager
def _messages_to(path: Path) -> Iterator[None]:
    """Keeps the thousands of lines of TVM's warnings and LLVM's errors in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file, redirected(1, 2, to=file.fileno()):
        yield


if __name__ == "__main__":
    sys.exit(main())
