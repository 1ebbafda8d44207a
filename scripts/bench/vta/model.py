"""An int8 ResNet-18 on VTA: what maps, the cycles of each task, and whether the outputs are right.

The model is made here with random weights, quantised by ONNX Runtime, and tuned by `heron-ms
tune-model`, which compares with ONNX Runtime, within a tolerance. Products are simulated, and the
rest runs on this CPU; what comes out has to be what the whole of it computes on this CPU, in every
bit. Cycles are those of the model of time, which nobody has calibrated.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import ms
from heron_ms.cli import main
from heron_ms.hardware import machine
from heron_ms.models.inputs import random_inputs
from heron_ms.models.load import load
from heron_ms.models.offloading import offloaded
from heron_ms.work_dir import open_database
from scripts.bench.harness.options import add_trials, at_least
from scripts.bench.harness.report import Report
from scripts.bench.vta.resnet18 import STAGES, write
from scripts.bench.vta.searches import BOARD


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
    work_dir = out / f"tuned-{size}"
    where = ["--work-dir", str(work_dir), "--json", str(told)]
    words = ["tune-model", str(file), "--target", "vta", "--trials", str(arguments.trials)]
    main([*words, "--seed", "0", *where])
    result = json.loads(told.read_text())
    if result["verdict"] is None:
        raise KeyboardInterrupt
    return _report(result, _is_equal(file, work_dir))


def _is_equal(file: Path, work_dir: Path) -> bool:
    """Whether outputs are those of the same model of which this CPU computes all."""
    model, board = load(file, {}), machine(BOARD)
    arrays = random_inputs(model, np.random.default_rng(0))
    databases = open_database(str(work_dir)), ms.database.MemoryDatabase()
    both = [offloaded(model, database, board).outputs(arrays) for database in databases]
    return all(np.array_equal(ours, right) for ours, right in zip(*both, strict=True))


def _report(result: Mapping[str, Any], equal: bool) -> Report:
    """The tasks, and what is said of all of the model."""
    tasks = result["tasks"]
    head = ("task", "calls", "cycles", "limited by", "trials")
    rows = [
        (
            _shortened(task["task"]),
            task["calls"],
            task["facts"].get("cycles (estimated)", "on this CPU"),
            task["facts"].get("limited by (model)", "-"),
            task["trials"],
        )
        for task in tasks
    ]
    on_chip = sum(bool(task["mapped"]) for task in tasks)
    whole = {
        "tasks on the chip": f"{on_chip} of {len(tasks)}",
        "ms of the chip": f"{result['sum_of_tasks_ms']:.1f}",
        "equal to this CPU": "in every bit" if equal else "no",
    }
    parts = {
        "tasks": Report.of_table(head, rows),
        "whole": Report.of_table(("model", *whole), [("ResNet-18", *whole.values())]),
        "verdict": Report(result["verdict"], result["verdict"], result["pass"] and equal),
    }
    return Report.joined(parts)


def _shortened(task: str) -> str:
    """The operator that a function begins with, or its name where that is all there is."""
    name = task.removeprefix("fused_")
    return task if name == task else name.partition("_")[0]
