"""What heron_ms reaches with vectors alone, on a CPU that has tile registers too."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.peers.figures import VECTORS, Figures
from scripts.bench.peers.report import number

BYTES = "-u8s8"
"""How the names of cases end whose products VNNI computes."""


def vectors(cases: Sequence[Record], figures: Figures, peak: float) -> Report:
    """A line for each case of bytes: the share of a peak in GOP/s, VNNI's, and what tiles gain."""
    rows = [
        (
            case["case"],
            number(gops := figures.gops(case, VECTORS), 0),
            number(gops / peak if gops else None),
            number(figures.ratio(case, VECTORS)),
        )
        for case in cases
        if case["case"].endswith(BYTES)
    ]
    head = ("vectors alone", "GOP/s", "of VNNI's peak", "with tiles, times as fast")
    return Report.of_table(head, rows)
