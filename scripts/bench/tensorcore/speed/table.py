"""The tables of finished comparisons: times, ratios, and the share of the rate of mma.sync."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from heron_ms.hardware.tensorcore import TensorCore
from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import told_left
from scripts.bench.peers.figures import geometric_mean
from scripts.bench.tensorcore.speed.contenders import LIBRARIES, LIBRARY, OURS, STOCK, TRITON
from scripts.bench.tensorcore.speed.made import CASES

_TIMED = (OURS, STOCK, LIBRARY, TRITON)
_RATIOS = ("ratio", "ratio to stock", "of mma.sync")
HEAD = ("case", *(f"{name}, us" for name in _TIMED), *_RATIOS)
CRASHED = "its process"
MMA_SYNC = {90: 0.6}
"""The rate of mma.sync as a share of the one that is described, by capability, where it is less."""


def report(gpu: TensorCore, made: list[Record], left: int) -> Report:
    """The tables of comparisons; not sound where one of ours has no time, or some are left."""
    lines = [[row["case"], *_cells(gpu, row)] for row in made]
    notes = [
        f"{row['case']}, {name}: {why}"
        for row in made
        for name, why in row.get("problems", {CRASHED: row.get("failure")}).items()
    ]
    sound = not left and all(OURS in row.get("us", {}) for row in made)
    table = Report.of_table(HEAD, lines, "\n".join([*notes, *told_left(left)]), sound)
    return Report.joined({"rows": table, "means": _means(gpu, made)})


def _cells(gpu: TensorCore, row: Record) -> list[str]:
    times = row.get("us", {})
    return [
        *(f"{times[name]:.1f}" if name in times else "-" for name in _TIMED),
        *_told(measure(row) for measure in _measures(gpu)),
    ]


def _measures(gpu: TensorCore) -> Sequence[Callable[[Record], float | None]]:
    """Of a row, in the order of `_RATIOS`; None where something has no time."""
    return (
        lambda row: _ratio(row, LIBRARIES),
        lambda row: _ratio(row, (STOCK,)),
        lambda row: _share(gpu, row),
    )


def _told(measured: Iterable[float | None]) -> list[str]:
    forms = ("{:.2f}", "{:.2f}", "{:.1%}")
    return [
        "-" if value is None else form.format(value)
        for form, value in zip(forms, measured, strict=True)
    ]


def _ratio(row: Record, others: Sequence[str]) -> float | None:
    """The time of the fastest of some others over ours."""
    times = row.get("us", {})
    theirs = [times[name] for name in others if name in times]
    return min(theirs) / times[OURS] if theirs and OURS in times else None


def _share(gpu: TensorCore, row: Record) -> float | None:
    """Of the operations that mma.sync could do in the time of ours."""
    time = row.get("us", {}).get(OURS)
    rate = gpu.peak * MMA_SYNC.get(gpu.capability, 1.0)
    return None if time is None else float(row["operations"] / (time * 1e-6) / rate)


def _means(gpu: TensorCore, made: list[Record]) -> Report:
    """Geometric means of ratios and shares, of each operator and of all."""
    groups: dict[str, list[Record]] = {}
    for row in made:
        groups.setdefault(CASES[row["case"]].operator, []).append(row)
    lines = [
        [name, len(rows), *_told(geometric_mean(map(measure, rows)) for measure in _measures(gpu))]
        for name, rows in {**groups, "all": made}.items()
    ]
    return Report.of_table(("operator", "cases", *_RATIOS), lines)
