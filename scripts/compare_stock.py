"""How many candidates are valid: stock MetaSchedule beside heron_ms, int8 GEMM on AVX512-VNNI.

Takes the candidates that stock would measure first, by its own rules and postprocessors, and as
many random ones of heron_ms's space. Each is built, run on random data in a process that may
crash, and compared with numpy bit for bit. Valid means: built, ran, and every number right.
"Repaired" rows give stock a VNNI intrinsic that LLVM 22 accepts, for without it none builds.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from candidates import (
    Candidate,
    Trials,
    heron_candidates,
    import_stock_intrinsics,
    repaired_stock_intrinsic,
    stock_candidates,
)
from common import Journal, Record, cpu_target, first_line, markdown, pin, redirected, say

SIDES = ("stock", "heron_ms")
BATCH = 8
"""Candidates built at a time; results are written after each batch."""


@dataclass(frozen=True)
class Row:
    """A GEMM, and whether stock gets a VNNI intrinsic that builds."""

    name: str
    size: int
    weight: str
    a_dtype: str = "uint8"
    repaired: bool = False

    @property
    def title(self) -> str:
        """As in the table."""
        dtypes = ("u8" if self.a_dtype == "uint8" else "s8") + " × s8"
        note = ", stock intrinsic repaired" if self.repaired else ""
        return f"{dtypes} {self.size}³ {self.weight}{note}"


ROWS = (
    Row("kn", 512, "kn"),
    Row("kn-repaired", 512, "kn", repaired=True),
    Row("packed", 512, "packed"),
    Row("packed-repaired", 512, "packed", repaired=True),
    Row("nk-repaired", 512, "nk", repaired=True),
    Row("500-repaired", 500, "kn", repaired=True),
    Row("s8s8", 512, "kn", a_dtype="int8"),
)


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
    print(_table(rows, records))
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
    add("--candidates", type=_positive, default=64, help="of each side, a row (default 64)")
    add("--strategy", choices=("evolutionary", "replay-trace"), default="evolutionary",
        help="how stock picks candidates: as tune_tir does by default, or at random")  # fmt: skip
    add("--seed", type=int, default=0, help="of the sampling and of the random data (default 0)")
    add("--timeout", type=_positive, default=60,
        help="seconds a build or a run may take (default 60)")  # fmt: skip
    add("--core", type=int, help="processor to run on (default: the last one allowed)")
    add("--work-dir", default="build/compare_stock",
        help="results and TVM's messages (default build/compare_stock)")  # fmt: skip
    add("--json", metavar="FILE", help="write the verdict of every candidate to FILE")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, not {text!r}")
    return int(text)


def _measure(row: Row, side: str, arguments: argparse.Namespace, journal: Journal) -> list[Record]:
    """The records of one side of one row; those of an earlier run are not measured again."""
    from tvm.target import Target

    from heron_ms.workloads.gemm import Gemm

    gemm = Gemm(row.size, row.size, row.size, row.weight, row.a_dtype)
    target = Target(cpu_target())
    generate: dict[str, Callable[[], list[Candidate]]] = {
        "stock": lambda: stock_candidates(
            gemm.prim_func(), target, arguments.candidates, arguments.seed, arguments.strategy
        ),
        "heron_ms": lambda: heron_candidates(
            gemm.prim_func(), target, arguments.candidates, arguments.seed
        ),
    }
    repair = repaired_stock_intrinsic() if row.repaired and side == "stock" else nullcontext()
    with repair, _messages_to(journal.path.with_suffix(".log")):
        candidates = generate[side]()
    keys = [_key(row, side, arguments.seed, index, each) for index, each in enumerate(candidates)]
    known = {_identity(record): record for record in journal.records()}
    todo = [index for index, key in enumerate(keys) if _identity(key) not in known]
    trials = Trials(gemm, target, arguments.seed, arguments.timeout)
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        with _messages_to(journal.path.with_suffix(".log")):
            judged = _judge(trials, [candidates[index] for index in batch])
        for index, verdict in zip(batch, judged, strict=True):
            known[_identity(keys[index])] = {**keys[index], **verdict}
            journal.append(known[_identity(keys[index])])
        say(f"{row.title}, {side}: {len(keys) - len(todo) + start + len(batch)}/{len(keys)}")
    trials.close()
    return [known[_identity(key)] for key in keys]


def _judge(trials: Trials, candidates: list[Candidate]) -> list[Record]:
    verdicts = iter(trials.judge([each for each in candidates if not each.rejected]))
    nothing = {"built": False, "ran": False, "right": False}
    return [{**nothing, "why": each.rejected} if each.rejected else asdict(next(verdicts))
            for each in candidates]  # fmt: skip


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


def _table(rows: list[Row], records: dict[tuple[str, str], list[Record]]) -> str:
    head = ["workload", "side", "candidates", "tensorized", "built", "ran", "right",
            "tensorized and right", "why the rest fail"]  # fmt: skip
    lines = [[row.title, side, *_counts(found)]
             for row in rows for side in SIDES
             if (found := records.get((row.name, side))) is not None]  # fmt: skip
    return markdown(head, lines)


def _counts(records: list[Record]) -> list[object]:
    stages = [sum(bool(each[stage]) for each in records)
              for stage in ("tensorized", "built", "ran", "right")]  # fmt: skip
    useful = sum(each["tensorized"] and each["right"] for each in records)
    reasons = Counter(_kind(each["why"]) for each in records if each["why"])
    why = "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common(3))
    return [len(records), *stages, useful, why.replace("|", "/")]


def _kind(why: str) -> str:
    """An error message without what differs from candidate to candidate, to be counted."""
    message = re.sub(r"^([\w.]+Error: )?(Check failed: .*? is false: )?", "", why)
    return re.sub(r"\d+", "N", message)


if __name__ == "__main__":
    sys.exit(main())
