"""Which blocks map to which intrinsic, beside what stock MetaSchedule 0.27 does.

Every shape of the paper's operators and of MetaSchedule's te_workload, for AVX512-VNNI (u8 x s8),
Arm's dot product (s8 x s8) and TensorCore's WMMA (f16): what each iterator of the intrinsic takes
over, the waste of padding and the bytes copied, or the typed reason for no mapping. Programs are
normalised first, as `tune_tir` does, stock's are not; of several einsums, such as the phases of a
transposed convolution, the table shows the first that maps and how many do. Nothing is built or
run. Ends with counts.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import dataclass
from typing import Any

import heron_ms
from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, SBlockRealize, outermost
from heron_ms.intrinsics import INTRINSICS
from heron_ms.tensorize import match_block
from heron_ms.tensorize.mapping import NAMES
from scripts.bench.claims.coverage.programs import FAMILIES, Family, Program, programs
from scripts.bench.claims.coverage.stock import stock
from scripts.bench.harness.console import say
from scripts.bench.harness.report import Report

HEAD = ("program", "intrinsic", "mapping, or the reason for none", "waste", "bytes copied", "stock")
TOTALS = ("intrinsic", "programs", "mapped", "tensorized by stock", "declined")


@dataclass(frozen=True)
class Row:
    """What becomes of one program with one intrinsic."""

    program: Program
    family: Family
    match: Any
    blocks: str
    stock: str

    @property
    def reason(self) -> str:
        """The kind of refusal; "" for a mapping."""
        return getattr(getattr(self.match, "reason", None), "value", "")

    def cells(self) -> list[str]:
        """As in the table."""
        short = self.family.intrinsic.split("_16x16x16")[0]
        if self.reason:
            text = f"{self.reason}: {self.match.detail}"
            return [self.program.title, short, text, "", "", self.stock]
        copied = ", ".join(f"{name} {size:,}" for name, size in self.match.copied.items()) or "none"
        waste = f"{self.match.waste:.2f}"
        text = _mapping(self.match) + self.blocks
        return [self.program.title, short, text, waste, copied, self.stock]


def matched(program: Program, family: Family, with_stock: bool) -> Row:
    """Match the program's blocks, and ask stock."""
    func = program.make(family)
    theirs = stock(func, family) if with_stock else ""
    answers = _einsums(func, family)
    mapped = [answer for answer in answers if hasattr(answer, "groups")]
    blocks = f"; {len(mapped)} of {len(answers)} blocks" if len(answers) > 1 else ""
    return Row(program, family, mapped[0] if mapped else answers[-1], blocks, theirs)


def _einsums(func: Any, family: Family) -> list[Any]:
    """The mapping or the refusal of every block of the normalised program that reduces."""
    normal = heron_ms.normalize(IRModule({"main": func}))["main"]
    realizes = outermost(normal.body.block.body, SBlockRealize)
    reducing = [realize for realize in realizes if realize.block.init is not None]
    return [match_block(realize, [INTRINSICS[family.intrinsic]]) for realize in reducing]


def _mapping(mapping: Any) -> str:
    names = [axis.name.removeprefix("v_") for axis in mapping.einsum.axes]
    groups = mapping.groups.items()
    return "; ".join(f"{NAMES[v]} {' '.join(names[p] for p in group)}" for v, group in groups)


def counts(rows: list[Row]) -> Report:
    """For each intrinsic, and all of them: how many map, by us and by stock, and what does not."""
    names = {family.intrinsic: [row for row in rows if row.family is family] for family in FAMILIES}
    return Report.of_table(TOTALS, [_counted(*pair) for pair in {**names, "all": rows}.items()])


def _counted(name: str, rows: list[Row]) -> list[object]:
    declined = Counter((row.program.operator, row.reason) for row in rows if row.reason)
    listed = ", ".join(f"{name} {count} ({why})" for (name, why), count in declined.items())
    theirs = sum(row.stock == "yes" for row in rows) if any(row.stock for row in rows) else ""
    return [name, len(rows), sum(not row.reason for row in rows), theirs, listed or "none"]


def options(parser: ArgumentParser) -> None:
    """Which programs, and whether stock is asked."""
    add = parser.add_argument
    add("--operator", action="append", default=[], metavar="NAME", help="such as C2D; default: all")
    add("--no-stock", action="store_true", help="leave stock MetaSchedule out")


def run(arguments: Namespace) -> Report:
    """A row for each program and intrinsic, and counts. Raises SystemExit for no program."""
    preload_intrinsics()
    names = {name.upper() for name in arguments.operator}
    chosen = [
        program for program in programs() if not names or program.operator.split()[0] in names
    ]
    if not chosen:
        known = sorted({program.operator for program in programs()})
        raise SystemExit(f"--operator must be of {', '.join(known)}")
    rows = []
    for program in chosen:
        say(program.title)
        rows += [matched(program, family, not arguments.no_stock) for family in FAMILIES]
    table = Report.of_table(HEAD, [row.cells() for row in rows])
    return Report.joined({"rows": table, "totals": counts(rows)})
