"""An int8 ResNet-18 on VTA: what maps, the cycles of each task, and whether the outputs are right.

The model is made here with random weights, quantised by ONNX Runtime, and tuned by `heron-ms
tune-model`; its products are simulated, and the rest runs on this CPU. Cycles are those of the
model of time, which nobody has calibrated.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from heron_ms.cli import main
from scripts.bench.harness.options import add_trials, at_least
from scripts.bench.harness.report import Report
from scripts.bench.vta.resnet18 import STAGES, write


def options(parser: ArgumentParser) -> None:
    """How much is searched, for images of which size."""
    add_trials(parser, 200, "the whole model")
    parser.add_argument("--size", type=at_least(32), default=224, metavar="N",
                        help="height and width of an image (default 224)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Tunes the model, or goes on with it. Raises KeyboardInterrupt where a signal ended that."""
    size, out = arguments.size, arguments.out
    file = out / f"resnet18-{size}.onnx"
    if not file.is_file():
        write(file, size, STAGES)
    told = out / f"resnet18-{size}.json"
    where = ["--work-dir", str(out / f"tuned-{size}"), "--json", str(told)]
    words = ["tune-model", str(file), "--target", "vta", "--trials", str(arguments.trials)]
    main([*words, "--seed", "0", *where])
    result = json.loads(told.read_text())
    if result["verdict"] is None:
        raise KeyboardInterrupt
    return _report(result)


def _report(result: Mapping[str, Any]) -> Report:
    head = ("task", "calls", "cycles", "limited by", "trials")
    rows = [
        (
            task["task"].partition("_")[2].partition("_")[0],
            task["calls"],
            task["facts"].get("cycles (estimated)", "on this CPU"),
            task["facts"].get("limited by (model)", "-"),
            task["trials"],
        )
        for task in result["tasks"]
    ]
    note = f"in all {result['sum_of_tasks_ms']:.1f} ms of the chip. {result['verdict']}"
    return Report.of_table(head, rows, note, sound=result["pass"])
