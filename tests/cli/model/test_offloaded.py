"""`heron-ms tune-model --target vta`: products in the simulator, the rest on this CPU, the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from heron_ms.cli import main
from heron_ms.hardware import machine
from heron_ms.models.inputs import random_inputs
from heron_ms.models.load import load
from heron_ms.models.offloading import offloaded
from heron_ms.models.reference import unscheduled
from heron_ms.work_dir import open_database
from tests.models.integers.quantised import S8, network, node, statically, weights

SYMMETRIC = {"ActivationSymmetric": True, "WeightSymmetric": True}


@pytest.fixture(scope="module")
def residual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two blocks with a shortcut, the second with a convolution in it, in signed bytes."""
    shapes: dict[str, tuple[int, ...]] = {
        "a": (16, 3, 3, 3),
        "b": (16, 16, 3, 3),
        "c": (16, 16, 3, 3),
    }
    shapes |= {"d": (20, 16, 3, 3), "e": (20, 20, 3, 3), "f": (20, 16, 1, 1), "g": (20, 10)}
    same, half = {"pads": [1] * 4}, {"pads": [1] * 4, "strides": [2, 2]}
    nodes = [
        *(node("Conv", "x a", "x1", **half), node("Relu", "x1", "x2")),
        *(node("Conv", "x2 b", "x3", **same), node("Relu", "x3", "x4")),
        *(node("Conv", "x4 c", "x5", **same), node("Add", "x5 x2", "x6"), node("Relu", "x6", "x7")),
        *(node("Conv", "x7 d", "x8", **half), node("Relu", "x8", "x9")),
        node("Conv", "x9 e", "x10", **same),
        node("Conv", "x7 f", "x11", strides=[2, 2]),
        *(node("Add", "x10 x11", "x12"), node("Relu", "x12", "x13")),
        *(node("GlobalAveragePool", "x13", "x14"), node("Flatten", "x14", "x15")),
        node("MatMul", "x15 g", "y"),
    ]
    made = network(nodes, weights(**shapes), (1, 3, 14, 14))
    options: dict[str, Any] = {"activation_type": S8, "extra_options": SYMMETRIC}
    path = tmp_path_factory.mktemp("residual") / "residual.onnx"
    onnx.save(statically(made, **options), path)
    return path


def test_a_residual_net(residual: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    work_dir, file = tmp_path / "w", tmp_path / "told.json"
    line = f"tune-model {residual} --target vta --trials 21 --seed 0 --work-dir {work_dir}"
    assert main([*line.split(), "--json", str(file)]) == 0
    out, _ = capfd.readouterr()
    assert "PASS" in out and "cycles (estimated)" in out and "(estimated), of what" in out
    tasks = json.loads(file.read_text())["tasks"]
    mapped = [task for task in tasks if task["mapped"]]
    assert len(mapped) == 7 and all(task["trials"] >= 1 for task in mapped)
    for task in mapped:
        cycles = int(task["facts"]["cycles (estimated)"].replace(",", ""))
        # At 100 MHz a cycle is 10 ns.
        assert task["latency_ms"] == pytest.approx(cycles * 1e-5)
        assert task["left"]
    alone = [task["task"] for task in tasks if not task["mapped"]]
    assert alone and all(task["latency_ms"] is None for task in tasks if not task["mapped"])
    assert f"on this CPU, not timed: {alone[0]}" in out
    _equal_to_the_cpu(residual, work_dir)


def _equal_to_the_cpu(file: Path, work_dir: Path) -> None:
    """Every bit: the rest is the same program, and products of integers are exact."""
    model = load(file, {})
    made = offloaded(model, open_database(str(work_dir)), machine("pynq"))
    assert len(made.kernels) == 7
    for seed in range(3):
        arrays = random_inputs(model, np.random.default_rng(seed))
        [ours], [right] = made.outputs(arrays), unscheduled(model, arrays)
        assert len(np.unique(right)) > 3
        np.testing.assert_array_equal(ours, right)
