"""The graph of a problem as SVG: columns from left to right, an edge for each use of a variable.

Nothing draws it but this file, and any browser shows it; a pointer on a box shows what it says in
full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

from heron_ms.csp.picture.graph import LAW, Node, nodes_of
from heron_ms.csp.problem import Problem

HIGH, LINE, GAP, EDGE = 20, 27, 74, 24
"""Pixels: of a box, from one to the next, between columns, and around all."""
HEAD = 62
"""Above the columns, for the title and the rules."""
LETTER = 6.7
"""Pixels of a letter of the text in a box."""

RULES = {
    "C1": "#2563a8",
    "C2": "#0e7490",
    "C3": "#7c3aed",
    "C4": "#64748b",
    "C5": "#b45309",
    "C6": "#be123c",
}
OTHER = "#334155"
"""The colour of a constraint of no rule."""

_STYLE = """\
text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #1f2933 }
.title { font: 600 14px system-ui, sans-serif } .legend { font: 12px system-ui, sans-serif }
.box { fill: #f5f7fa; stroke: #9aa5b1 } .tunable { fill: #dbeafe; stroke: #2563a8 }
.law { fill: #fff; stroke-width: 1.5 } .edge { fill: none; stroke-opacity: .55 }
.knot { stroke: #fff } .symbol { fill: #fff; font-weight: 700; text-anchor: middle }"""


@dataclass(frozen=True)
class Box:
    """A node where it is drawn: left and middle in pixels."""

    node: Node
    left: float
    middle: float

    @property
    def width(self) -> float:
        """In pixels."""
        return width_of(self.node)


def drawing(problem: Problem, title: str) -> str:
    """A picture of a problem: an SVG file."""
    boxes = placed(nodes_of(problem))
    width = max(box.left + box.width for box in boxes) + EDGE
    height = max(box.middle for box in boxes) + HIGH / 2 + EDGE
    parts = [*_edges(boxes), *map(_drawn, boxes)]
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">
<title>{escape(title)}</title>
<style>
{_STYLE}
</style>
<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#fff"/>
<text class="title" x="{EDGE}" y="26">{escape(title)}</text>
{_legend(boxes)}
{"".join(f"{part}{chr(10)}" for part in parts)}</svg>
"""


def placed(nodes: Sequence[Node]) -> list[Box]:
    """Where each node is drawn: beside those that it follows from, none over another."""
    boxes: list[Box] = []
    middles: dict[str, float] = {}
    left = float(EDGE)
    for column in range(max(node.column for node in nodes) + 1):
        there = [node for node in nodes if node.column == column]
        low = HEAD + HIGH / 2
        for wanted, node in _wanted(there, middles):
            middle = max(low, wanted)
            boxes.append(Box(node, left, middle))
            if node.kind != LAW:
                middles[node.text] = middle
            low = middle + LINE
        left += max(map(width_of, there), default=0.0) + GAP
    return boxes


def width_of(node: Node) -> float:
    """Pixels that the box of a node is wide."""
    return LETTER * len(node.text) + 14


def _wanted(nodes: Iterable[Node], middles: Mapping[str, float]) -> list[tuple[float, Node]]:
    """How far down each node is best drawn, from the top: amid what it follows from."""
    wanted = [
        (fmean([middles[name] for name in node.inputs] or [0.0]), number, node)
        for number, node in enumerate(nodes)
    ]
    return [(middle, node) for middle, _, node in sorted(wanted, key=lambda each: each[:2])]


def _edges(boxes: Sequence[Box]) -> Iterator[str]:
    """From the right side of each input to the left side of what follows."""
    at = {box.node.text: box for box in boxes if box.node.kind != LAW}
    for box in boxes:
        color = RULES.get(box.node.rule, OTHER)
        for name in box.node.inputs:
            start, end = at[name].left + at[name].width, box.left
            bend = (end - start) / 2
            yield (
                f'<path class="edge" stroke="{color}" d="M{start:.1f} {at[name].middle:.1f}'
                f"C{start + bend:.1f} {at[name].middle:.1f} {end - bend:.1f} {box.middle:.1f} "
                f'{end:.1f} {box.middle:.1f}"/>'
            )


def _drawn(box: Box) -> str:
    """The box of a node, with the symbol of what defines it on its left side."""
    node, top = box.node, box.middle - HIGH / 2
    color = RULES.get(node.rule, OTHER)
    kind = "tunable" if node.is_tunable else "law" if node.kind == LAW else "box"
    stroke = f' stroke="{color}"' if node.kind == LAW else ""
    said = f"{node.said}  [{node.rule}]" if node.rule else node.said
    knot = (
        f'<circle class="knot" cx="{box.left:.1f}" cy="{box.middle:.1f}" r="7" fill="{color}"/>'
        f'<text class="symbol" x="{box.left:.1f}" y="{box.middle + 4:.1f}">{node.symbol}</text>'
    )
    return (
        f"<g><title>{escape(said)}</title>"
        f'<rect class="{kind}"{stroke} x="{box.left:.1f}" y="{top:.1f}" width="{box.width:.1f}" '
        f'height="{HIGH}" rx="4"/>'
        f'<text x="{box.left + 9:.1f}" y="{box.middle + 4:.1f}">{escape(node.text)}</text>'
        f"{knot if node.symbol else ''}</g>"
    )


def _legend(boxes: Sequence[Box]) -> str:
    """The rules that are there, each in its colour, and what the boxes are."""
    rules = sorted({box.node.rule for box in boxes if box.node.rule})
    words = [f'<tspan fill="{RULES.get(rule, OTHER)}">■ {escape(rule)}</tspan>' for rule in rules]
    words += ['<tspan fill="#2563a8">blue boxes are decisions</tspan>']
    words += ["white ones limit what leads to them"]
    return f'<text class="legend" x="{EDGE}" y="46">{" · ".join(words)}</text>'
