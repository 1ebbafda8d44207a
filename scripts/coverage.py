"""Which blocks map to which intrinsic, beside what stock MetaSchedule 0.27 does.

Every shape of the paper's operators and of MetaSchedule's te_workload, for AVX512-VNNI (u8 x s8),
Arm's dot product (s8 x s8) and TensorCore's WMMA (f16): what each iterator of the intrinsic takes
over, the waste of padding and the bytes copied, or the typed reason for no mapping. Programs are
normalised first, as `tune_tir` does, stock's are not; of several einsums, such as the phases of a
transposed convolution, the table shows the first that maps and how many do. Nothing is built or
run. Prints a Markdown table and ends with counts.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

from common import markdown, say
from coverage_programs import FAMILIES, Family, Program, programs
from coverage_stock import stock

HEAD = ("program", "intrinsic", "mapping, or the reason for none", "waste", "bytes copied", "stock")


@dataclass(frozen=True)
class Row:
    """What becomes of one program with one intrinsic."""

    program: Program
    family: Family
    found: Any
    blocks: str
    stock: str

    @property
    def reason(self) -> str:
        """The kind of refusal; "" for a mapping."""
        return getattr(getattr(self.found, "reason", None), "value", "")

    def cells(self) -> list[str]:
        """As in the table."""
        short = self.family.intrinsic.split("_16x16x16")[0]
        if self.reason:
            text = f"{self.reason}: {self.found.detail}"
            return [self.program.title, short, text, "", "", self.stock]
        copied = ", ".join(f"{name} {size:,}" for name, size in self.found.copied.items()) or "none"
        waste = f"{self.found.waste:.2f}"
        text = _mapping(self.found) + self.blocks
        return [self.program.title, short, text, waste, copied, self.stock]


def row(program: Program, family: Family, with_stock: bool) -> Row:
    """Match the program's blocks, and ask stock."""
    func = program.make(family)
    answer = stock(func, family) if with_stock else ""
    found = _matched(func, family)
    mapped = [each for each in found if hasattr(each, "groups")]
    blocks = f"; {len(mapped)} of {len(found)} blocks" if len(found) > 1 else ""
    return Row(program, family, mapped[0] if mapped else found[-1], blocks, answer)


def _matched(func: Any, family: Family) -> list[Any]:
    """The mapping or the refusal of every block of the normalised program that reduces."""
    import heron_ms
    from heron_ms._tvm import IRModule, SBlockRealize, outermost
    from heron_ms.intrinsics import INTRINSICS
    from heron_ms.tensorize import match_block

    normal = heron_ms.normalize(IRModule({"main": func}))["main"]
    realizes = outermost(normal.body.block.body, SBlockRealize)
    reducing = [each for each in realizes if each.block.init is not None]
    return [match_block(each, [INTRINSICS[family.intrinsic]]) for each in reducing]


def _mapping(mapping: Any) -> str:
    from heron_ms.tensorize.mapping import NAMES

    names = [each.name.removeprefix("v_") for each in mapping.einsum.axes]
    groups = mapping.groups.items()
    return "; ".join(f"{NAMES[v]} {' '.join(names[p] for p in group)}" for v, group in groups)


def summary(rows: list[Row]) -> str:
    """How many map, and what is declined why."""
    mapped = sum(not each.reason for each in rows)
    declined = Counter((each.program.operator, each.reason) for each in rows if each.reason)
    listed = ", ".join(f"{name} {count} ({why})" for (name, why), count in declined.items())
    theirs = sum(each.stock == "yes" for each in rows)
    beside = f"; stock {theirs}" if any(each.stock for each in rows) else ""
    return f"mapped {mapped} of {len(rows)}{beside}; declined: {listed or 'none'}"


def main() -> int:
    """Print the table and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--operator", action="append", help="such as C2D; all unless told")
    parser.add_argument("--no-stock", action="store_true", help="leave stock MetaSchedule out")
    args = parser.parse_args()
    from heron_ms._preload import preload_intrinsics

    preload_intrinsics()
    wanted = {each.upper() for each in args.operator or ()}
    chosen = [each for each in programs() if not wanted or each.operator.split()[0] in wanted]
    if not chosen:
        parser.error(f"--operator must be of {', '.join(sorted({p.operator for p in programs()}))}")
    rows = []
    for each in chosen:
        say(each.title)
        rows += [row(each, family, not args.no_stock) for family in FAMILIES]
    print(markdown(HEAD, (each.cells() for each in rows)))
    print()
    for family in FAMILIES:
        print(f"{family.intrinsic}: {summary([r for r in rows if r.family is family])}")
    print(summary(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
