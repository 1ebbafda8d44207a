"""What kernels on AMX are to reach: shares of the peak, and ratios to the best library."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.peers.figures import BEST, OURS, Figures
from scripts.bench.peers.report import number

SHARES = {
    "gemm-512x512x512-": 0.6,
    "gemm-1024x1024x1024-": 0.55,
    "c2d-1x56x56x64x64x3x3x1x1x1-": 0.8,
}
"""The least share of the peak, by how the name of a case begins."""

MEAN, LEAST = 1.2, 1.0
"""The geometric mean of all ratios, and the smallest one of what the arithmetic limits."""


def bars(cases: Sequence[Record], figures: Figures) -> Report:
    """A line for each bar that the cases have figures for; data as in the table."""
    rows = [
        (f"{case['case']}: share of the peak", least, figures.share(case, OURS))
        for begins, least in SHARES.items()
        for case in cases
        if case["case"].startswith(begins)
    ]
    bound = [case for case in cases if is_compute_bound(case, figures)]
    ratios = [ratio for case in bound if (ratio := figures.ratio(case, BEST))]
    rows += [
        ("geometric mean of the ratios to the best library", MEAN, figures.mean(cases, BEST)),
        ("smallest ratio where the arithmetic is the limit", LEAST, min(ratios, default=None)),
    ]
    return Report.of_table(
        ["bar", "at least", "found", "passes"],
        [(what, least, number(found), _passes(found, least)) for what, least, found in rows],
    )


def is_compute_bound(case: Record, figures: Figures) -> bool:
    """Whether memory would allow a case as much as the arithmetic does, as far as is known."""
    peak = case["timing"].get("peak_gops")
    return peak is not None and figures.roofline(case) == peak


def _passes(found: float | None, least: float) -> str:
    return "–" if found is None else "yes" if found >= least else "no"
