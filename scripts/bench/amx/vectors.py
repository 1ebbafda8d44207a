"""What heron_ms reaches with vectors alone, on a CPU that has tile registers too.

Beside its speed stands what the innermost loop of the kernel asks of the core (`inner_loop`): where
that is less than a load for each multiplication and nothing goes by the stack, the kernel waits for
something else, such as a cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from subprocess import CalledProcessError

from scripts.bench.amx.inner_loop import InnerLoop, inner_loop_of
from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.peers.figures import VECTORS, Figures
from scripts.bench.peers.report import number

BYTES = "-u8s8"
"""How the names of cases end whose products VNNI computes."""

MULTIPLY = "vpdpbusd"
HEAD = (
    *("vectors alone", "GOP/s", "of VNNI's peak", "with tiles, times as fast"),
    *("loads a multiplication", "vectors by the stack"),
)


def vectors(cases: Sequence[Record], figures: Figures, peak: float) -> Report:
    """A line for each case of bytes: the share of a peak in GOP/s, VNNI's, and what tiles gain."""
    rows = [_row(case, figures, peak) for case in cases if case["case"].endswith(BYTES)]
    return Report.of_table(HEAD, rows)


def _row(case: Record, figures: Figures, peak: float) -> list[object]:
    gops, loop = figures.gops(case, VECTORS), _loop(case)
    return [
        case["case"],
        number(gops, 0),
        number(gops / peak if gops else None),
        number(figures.ratio(case, VECTORS)),
        number(loop.loads_each if loop else None),
        loop.spilled if loop else "–",
    ]


def _loop(case: Record) -> InnerLoop | None:
    """The innermost loop of the kernel that was timed, if it can be read here."""
    artifact = case.get("searches", {}).get(VECTORS, {}).get("artifact")
    try:
        return inner_loop_of(Path(artifact), MULTIPLY) if artifact else None
    except (OSError, CalledProcessError):
        return None
