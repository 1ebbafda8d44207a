"""VTA without hardware: our space beside AutoTVM's knobs, and how fast searches come near the best.

The first table is that of Heron's figure 9: the best program that AutoTVM's knobs for VTA reach,
relative to the best of our space, after as many trials, with the share of the knobs' programs that
the machine takes. Both are lowered in the same way, and the cycles are the model's, which nobody
has calibrated: read ratios. The second table compares searches of our space with the best of many
random programs of it, and says how many seconds they took, emitting left out. The third has the
layers of a ResNet-18 of bytes.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from math import isfinite

import numpy as np

from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_seeds, add_trials, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.replay.stock import NAME as STOCK
from scripts.bench.vta.searches import Case, Searches

GEMM = Case("GEMM 128x256x64", "gemm", (128, 256, 64))
C2 = Case("C2", "c2d", (1, 56, 56, 64, 64, 3, 3, 1, 1, 1))
CASES = (
    *(Case(f"GEMM {n}x{n}x{n}", "gemm", (n, n, n)) for n in (64, 256)),
    GEMM,
    C2,
    Case("C4", "c2d", (1, 56, 56, 64, 128, 1, 1, 2, 0, 1)),
    Case("C5", "c2d", (1, 28, 28, 128, 128, 3, 3, 1, 1, 1)),
    Case("C8", "c2d", (1, 14, 14, 256, 256, 3, 3, 1, 1, 1)),
    Case("C11", "c2d", (1, 7, 7, 512, 512, 3, 3, 1, 1, 1)),
    Case("BMM 4x64x64x64", "bmm", (4, 64, 64, 64)),
    Case("BMM 12x128x64x128", "bmm", (12, 128, 64, 128)),
)
"""Of figure 9; C2 and so on are layers of ResNet-18 by their usual names."""

LAYERS = {
    "C2": 4,
    "C3": 1,
    "C4": 1,
    "C5": 3,
    "C6": 1,
    "C7": 1,
    "C8": 3,
    "C9": 1,
    "C10": 1,
    "C11": 3,
}
"""ResNet-18's convolutions beside the first, whose three channels TVM too left to the CPU, and how
often an image passes through each."""

REST = (
    Case("C3", "c2d", (1, 56, 56, 64, 128, 3, 3, 2, 1, 1)),
    Case("C6", "c2d", (1, 28, 28, 128, 256, 3, 3, 2, 1, 1)),
    Case("C7", "c2d", (1, 28, 28, 128, 256, 1, 1, 2, 0, 1)),
    Case("C9", "c2d", (1, 14, 14, 256, 512, 3, 3, 2, 1, 1)),
    Case("C10", "c2d", (1, 14, 14, 256, 512, 1, 1, 2, 0, 1)),
)
"""The layers that are not in the first table."""
PUBLISHED = {"gemm": 0.335, "c2d": 0.97, "bmm": 0.246}
"""AutoTVM relative to Heron in its figure 9, read off the picture; boards and sizes unknown."""

TUNER = "annealing"
"""What AutoTVM's tuner did: simulated annealing on a learned model."""

STRATEGIES = ("cga", "random", STOCK)
NEAR = 1.05


def options(parser: ArgumentParser) -> None:
    """How much is searched, of which cases."""
    add_trials(parser, 64, "each search")
    add_seeds(parser, 10)
    parser.add_argument("--random", type=at_least(1), default=2000, metavar="N",
                        help="programs drawn to find the best (default 2000)")  # fmt: skip
    add_only(parser, "cases")


def run(arguments: Namespace) -> Report:
    """Searches what is missing."""
    searches = Searches(arguments.out)
    cases = [case for case in CASES if is_chosen(case.name, arguments.only)]
    compared = [case for case in (GEMM, C2) if case in cases]
    parts = _figure9(searches, cases, arguments.trials) if cases else {}
    if compared:
        parts["searches"] = _compared(searches, compared, arguments)
    layers = [case for case in (*CASES, *REST) if case.name in LAYERS]
    layers = [case for case in layers if is_chosen(case.name, arguments.only)]
    if layers:
        parts["resnet18"] = _layers(searches, layers, arguments.trials)
    return Report.joined(parts)


def _figure9(searches: Searches, cases: Sequence[Case], trials: int) -> dict[str, Report]:
    """The cases, and the means of their operators beside the published ones."""
    rows, ratios = [], []
    for case in cases:
        ours = searches.search(case, "ours", "cga", 0, trials)
        theirs = searches.search(case, "AutoTVM", TUNER, 0, trials)
        ratio = ours["best"][-1] / theirs["best"][-1]
        ratios.append((case.operator, ratio))
        cells = (_cycles(ours), _cycles(theirs), f"{ratio:.3f}", f"{theirs['valid']:.0%}")
        rows.append((case.name, *cells))
    head = ("case", "our cycles", "AutoTVM's cycles", "AutoTVM relative", "its valid programs")
    means = Report.of_table(("operator", "AutoTVM relative", "published"), _means(ratios))
    return {"figure9": Report.of_table(head, rows), "means": means}


def _layers(searches: Searches, layers: Sequence[Case], trials: int) -> Report:
    """What the layers take, each with a result of bytes, and how busy the multipliers are."""
    rows = []
    for case in sorted(layers, key=lambda case: list(LAYERS).index(case.name)):
        cycles = searches.search(case, "ours", "cga", 0, trials)["best"][-1]
        steps = searches.steps(case)
        calls = LAYERS[case.name]
        share = f"{steps / cycles:.0%}"
        rows.append((case.name, calls, f"{steps:,}", f"{cycles:,.0f}", share, calls * cycles))
    total = sum(row[-1] for row in rows)
    told = [(*row[:-1], f"{row[-1] / searches.hertz * 1e3:.2f}") for row in rows]
    head = ("layer", "calls", "steps of multiplying", "cycles", "busy", "ms in all")
    note = f"in all {total / searches.hertz * 1e3:.1f} ms, without what the caller packs"
    return Report.of_table(head, told, note)


def _means(ratios: Sequence[tuple[str, float]]) -> Iterator[tuple[str, str, float]]:
    for operator, published in PUBLISHED.items():
        found = [ratio for name, ratio in ratios if name == operator and ratio > 0]
        if found:
            mean = float(np.exp(np.mean(np.log(found))))
            yield operator, f"{mean:.3f}", published


def _cycles(record: Record) -> str:
    best = record["best"][-1]
    return f"{best:,.0f}" if isfinite(best) else "none valid"


def _compared(searches: Searches, cases: Sequence[Case], arguments: Namespace) -> Report:
    rows = []
    for case in cases:
        best = searches.random(case, arguments.random)["best"]
        for strategy in STRATEGIES:
            found = [
                searches.search(case, "ours", strategy, seed, arguments.trials)
                for seed in range(arguments.seeds)
            ]
            lost = [record["best"][-1] / best for record in found]
            near = sum(ratio <= NEAR for ratio in lost)
            seconds = np.median([record["seconds"] for record in found])
            rows.append(
                (
                    f"{case.name}, {strategy}",
                    f"{best:,.0f}",
                    f"{np.median(lost):.3f}",
                    f"{max(lost):.3f}",
                    f"{near} of {len(lost)}",
                    f"{seconds:.1f}",
                )
            )
    head = ("search", "best of random ones", "median", "worst", "within 5 %", "seconds")
    note = f"median and worst: a search's best cycles over those of {arguments.random} random ones"
    return Report.of_table(head, rows, note)
