"""The pictures of the page, drawn by matplotlib: SVG that stands in the page itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import StringIO
from math import floor, log10
from typing import Any

from heron_ms.cli.report.convergence import Point
from heron_ms.cli.report.roof import Roof
from heron_ms.cli.report.task import Task
from heron_ms.models.extra import optional

INK, FAINT, BLUE, AMBER = "#1f2933", "#9aa5b1", "#2467a8", "#b7791f"
_SIZE = (4.4, 3.1)
"""Inches, at which 8 points read on a phone and in half of a desktop."""

_STYLE = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["system-ui", "Segoe UI", "Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 8,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#e4e7eb",
}


_SHOWN = 3.0
"""Candidates that take more than so many times the first best are above the picture."""


def draw_convergence(points: Sequence[Point], alone: bool = False) -> str:
    """The seconds of the whole against candidates; "" for fewer than two points.

    ``alone``: the whole is one call of one task, and each candidate is a dot beside the line.
    """
    if len(points) < 2:
        return ""

    def draw(axes: Any) -> None:
        if alone:
            ran = [point for point in points if point.tried is not None]
            tried = [1e3 * (point.tried or 0.0) for point in ran]
            axes.plot([point.candidate for point in ran], tried, "o", markersize=3, color=AMBER)
            axes.set_ylim(top=1.1 * min(max(tried), _SHOWN * points[0].seconds * 1e3))
        axes.step(
            [point.candidate for point in points],
            [point.seconds * 1e3 for point in points],
            where="post",
            color=BLUE,
            linewidth=1.6,
        )
        axes.set_xlabel("candidates")
        axes.set_ylabel("milliseconds" if alone else "milliseconds, all tasks")
        axes.set_ylim(bottom=0)
        axes.grid(visible=True)

    return _svg("convergence", draw)


def draw_roofline(tasks: Sequence[Task], roof: Roof) -> str:
    """Every task under the roof, its first program hollow; "" where none has a place."""
    placed = [task for task in tasks if task.intensity and task.gops]
    peaks = {dtype: roof.peak(dtype) for dtype in ("int8", "float32")}
    peaks = {
        dtype: peak
        for dtype, peak in peaks.items()
        if peak and any(roof.peak(task.dtype) == peak for task in placed)
    }
    if not placed:
        return ""

    def draw(axes: Any) -> None:
        intensities = [task.intensity or 1.0 for task in placed]
        # Two powers of ten to either side, so that one task has a roof around it too.
        low, high = min(intensities) / 100, max(intensities) * 10
        for dtype, peak in peaks.items():
            _draw_roof(axes, roof, dtype, peak or 0.0, low, high)
        for task in placed:
            _draw_task(axes, task)
        axes.set(xscale="log", yscale="log", xlim=(low, high))
        if not peaks:
            axes.set_ylim(*_decades([task.gops or 1.0 for task in placed]))
        axes.set_xlabel("operations a byte of the arguments")
        axes.set_ylabel("GOP/s")
        axes.minorticks_off()
        axes.grid(visible=True)

    return _svg("roofline", draw)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten around some values: an axis without a power of ten has no numbers."""
    low, high = floor(log10(min(values))), floor(log10(max(values))) + 1
    return 10.0**low, 10.0**high


def has_roof(tasks: Sequence[Task], roof: Roof) -> bool:
    """Whether a peak is known for what any of the tasks computes with."""
    return any(roof.peak(task.dtype) for task in tasks if task.intensity and task.gops)


def _draw_roof(axes: Any, roof: Roof, dtype: str, peak: float, low: float, high: float) -> None:
    for slope, style, name in ((roof.cache_gbs, "-", "cache"), (roof.memory_gbs, "--", "memory")):
        if slope:
            corner = min(max(peak / slope, low), high)
            heights = [min(peak, low * slope), min(peak, corner * slope), peak]
            axes.plot([low, corner, high], heights, style, color=FAINT, linewidth=1)
            at = (low * corner) ** 0.5
            axes.annotate(
                name,
                (at, min(peak, at * slope)),
                xytext=(-3, 3),
                textcoords="offset points",
                ha="right",
            )
    if not (roof.cache_gbs or roof.memory_gbs):
        axes.axhline(peak, color=FAINT, linewidth=1)
    axes.annotate(
        f"{dtype} peak, {peak:.0f} GOP/s",
        (high, peak),
        xytext=(-4, 3),
        textcoords="offset points",
        ha="right",
    )


def _draw_task(axes: Any, task: Task) -> None:
    x, best = task.intensity, task.gops
    first = task.operations / task.first / 1e9 if task.first else best
    color = BLUE if task.intrinsic else AMBER
    axes.plot([x, x], [first, best], color=color, linewidth=0.8, alpha=0.6)
    axes.plot([x], [first], "o", markersize=4, markerfacecolor="white", color=color)
    axes.plot([x], [best], "o", markersize=5, color=color)


def _svg(name: str, draw: Callable[[Any], None]) -> str:
    """A picture as an element of a page. Raises `MissingExtraError`."""
    matplotlib = optional("matplotlib", "a report", "heron-ms[plot]")
    figures = optional("matplotlib.figure", "a report", "heron-ms[plot]")
    text = StringIO()
    # Names in it follow from the salt: two pictures of a page must not share them.
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = figures.Figure(figsize=_SIZE, layout="constrained")
        draw(figure.add_subplot())
        none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(text, format="svg", metadata=none, transparent=True)
    return _inlined(text.getvalue(), name)


def _inlined(text: str, name: str) -> str:
    """Without what only a file of its own needs: head, name spaces, and the size in points."""
    element = text[text.index("<svg") :]
    element = re.sub(r' xmlns(:\w+)?="[^"]*"', "", element)
    head, rest = element.split(">", 1)
    head = re.sub(r' (width|height|version)="[^"]*"', "", head)
    # Each has a "figure_1" and so on, and an id is to be found once in a page.
    for mark in (' id="', 'href="#', "url(#"):
        rest = rest.replace(mark, f"{mark}{name}-")
    return f'{head} role="img" aria-label="{name}">{rest}'
