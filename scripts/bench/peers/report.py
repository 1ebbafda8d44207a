"""The comparison as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.bench.harness.journal import Record
from scripts.bench.harness.report import Report
from scripts.bench.harness.tables import markdown
from scripts.bench.peers.figures import (
    BEST,
    BEST_LOOPED,
    BEST_WIDE,
    OURS,
    SEARCHES,
    VECTORS,
    Figures,
    operators,
)

TITLES = {
    "onednn": "oneDNN",
    "onnxruntime": "ONNX Runtime",
    "onnxruntime-u8": "ONNX Runtime, u8 result",
    "stock": "stock",
    "repaired": "stock, VNNI repaired",
    "openvino": "OpenVINO",
    "inductor": "torch.compile",
    VECTORS: "heron_ms, vectors alone",
    OURS: "heron_ms",
}


def tables(cases: Sequence[Record], overheads: Record, figures: Figures, heading: str) -> str:
    """The whole report: all cases, means, short cases, what is left out and why."""
    others = [*figures.peers, *_searched(cases)]
    tuned = any(OURS in case["searches"] for case in cases)
    parts = [heading, _cases(cases, figures, others, tuned)]
    if tuned:
        parts += ["Geometric means of heron_ms's speed relative to", means(cases, figures).text]
    parts += [_short(cases, overheads, figures), _left_out(cases), _NOTES]
    return "\n\n".join(part for part in parts if part)


_NOTES = """\
A ratio is the other's time over heron_ms's: above one, heron_ms is faster. Speeds are of nominal
operations: products with padding count, whether a library does them or not. All kernels are called
from Python, once for each result, on data that stays where it is; weights are laid out beforehand,
but the second operand of bmm, which is no constant. Every result was compared with numpy's first.
Results of heron_ms and stock are int32 for bytes; oneDNN's are float32, exact below 2**24, but for
t2d, where they are uint8 like those of "ONNX Runtime, u8 result"."""


def _cases(cases: Sequence[Record], figures: Figures, others: Sequence[str], tuned: bool) -> str:
    if tuned:
        head = ["case", "heron_ms µs", "GOP/s", "of peak", "of roofline"]
        head += [f"{TITLES[name]} µs (ratio)" for name in others]
        head += ["ratio to best peer", "trials", "invalid"]
    else:
        head = ["case", *(f"{TITLES[name]} µs" for name in others), "best GOP/s", "of peak"]
    row = _row if tuned else _row_of_peers
    return markdown(head, [row(case, figures, others) for case in cases])


def _row(case: Record, figures: Figures, others: Sequence[str]) -> list[object]:
    gops, limit = figures.gops(case, OURS), figures.roofline(case)
    search = case["searches"].get(OURS, {})
    return [
        case["case"],
        number(figures.time_us(case, OURS), 1),
        number(gops, 0),
        number(figures.share(case, OURS)),
        number(gops / limit if gops and limit else None),
        *(_cell(case, figures, name) for name in others),
        number(figures.ratio(case, BEST)),
        search.get("recorded", "–"),
        search.get("invalid", "–"),
    ]


def _row_of_peers(case: Record, figures: Figures, others: Sequence[str]) -> list[object]:
    times = [number(figures.time_us(case, name), 1) for name in others]
    share = number(figures.share(case, BEST))
    return [case["case"], *times, number(figures.gops(case, BEST), 0), share]


def _cell(case: Record, figures: Figures, name: str) -> str:
    """Time, the layout of the weight where there was a choice, and the ratio."""
    chosen = figures.chosen(case, name)
    if chosen is None:
        return "–"
    layout = " " + chosen.partition("/")[2] if "/" in chosen else ""
    ratio = number(figures.ratio(case, name))
    return f"{number(figures.time_us(case, name), 1)}{layout} ({ratio})"


def means(cases: Sequence[Record], figures: Figures) -> Report:
    """Geometric means of the ratios for each operator, and how many cases there were."""
    names = [BEST, BEST_WIDE, BEST_LOOPED, *figures.peers, *_searched(cases)]
    head = ["operator", "cases", *(TITLES.get(name, name) for name in names)]
    groups = {operator: [case for case in cases if case["operator"] == operator]
              for operator in operators(cases)}  # fmt: skip
    rows: list[list[object]] = [
        [name, len(group), *(number(figures.mean(group, other)) for other in names)]
        for name, group in {**groups, "all": list(cases)}.items()
    ]
    rows.append(["compared", len(cases), *(figures.compared(cases, other) for other in names)])
    nothing = [figures.failed(cases, other) if other in SEARCHES else "" for other in names]
    rows.append(["nothing valid", "", *nothing])
    return Report.of_table(head, rows)


def _short(cases: Sequence[Record], overheads: Record, figures: Figures) -> str:
    """Calls of less than 50 microseconds beside compiled loops, and what a call costs."""
    costs = overheads.get("results", {})
    text = "A call of next to no work (gemm 1 4 16) takes: " + ", ".join(
        f"{TITLES.get(name, name)} {cost[f'{figures.clock}_us']:.1f} µs"
        for name, cost in costs.items()
    )
    rows = [
        [case["case"], _title(name),
         number(result[f"{figures.clock}_us"], 2), number(result["loop_us"], 2)]
        for case in cases
        for name, result in case["timing"].get("results", {}).items()
        if result.get("loop_us")
    ]  # fmt: skip
    loops = markdown(["short case", "contender", "call from Python µs", "compiled loop µs"], rows)
    return "\n\n".join([text] * bool(costs) + [loops] * bool(rows))


def _title(contender: str) -> str:
    name, _, layout = contender.partition("/")
    return " ".join(filter(None, (TITLES.get(name, name), layout)))


def _left_out(cases: Sequence[Record]) -> str:
    """A line for each reason, with the cases that it concerns."""
    reasons: dict[str, list[str]] = {}
    for case in cases:
        for name, why in problems(case).items():
            reasons.setdefault(f"{_title(name)}: {why}", []).append(case["case"])
    lines = [f"- {why} ({len(names)}: {', '.join(names[:3])}{', …' * (len(names) > 3)})"
             for why, names in reasons.items()]  # fmt: skip
    return "Left out:\n\n" + "\n".join(lines) if lines else ""


def problems(case: Record) -> dict[str, str]:
    """Why contenders of a case have no time, or what went wrong on the way."""
    reasons = dict(case["timing"].get("problems", {}))
    if "problem" in case["timing"]:
        reasons["timing"] = case["timing"]["problem"]
    for name, search in case["searches"].items():
        why = "; ".join(filter(None, (search.get("problem"), search.get("search_problem"))))
        if why:
            reasons[name] = why
    return reasons


def number(value: float | None, digits: int = 2) -> str:
    """A number for a table; a dash for none."""
    return f"{value:.{digits}f}" if value else "–"


def _searched(cases: Sequence[Record]) -> list[str]:
    tried = {search.partition("/")[0] for case in cases for search in case["searches"]}
    return [name for name in SEARCHES if name in tried]
