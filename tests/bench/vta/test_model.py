"""What is reported of a model on VTA: by its tasks, and whether all of it is right."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.vta import model

TOLD: dict[str, Any] = {
    "tasks": [
        {
            "task": "fused_conv2d1_add_relu",
            "calls": 2,
            "mapped": "vta.s8s8s32.1x16x16",
            "facts": {"cycles (estimated)": "1,234", "limited by (model)": "load"},
            "trials": 3,
        },
        {"task": "max_pool2d", "calls": 1, "mapped": None, "facts": {}, "trials": 0},
    ],
    "sum_of_tasks_ms": 0.01234,
    "verdict": "PASS",
    "pass": True,
}


@pytest.mark.parametrize("passes", [True, False])
@pytest.mark.parametrize("equal", [True, False])
def test_a_model_is_sound_if_it_passes_and_is_equal(
    equal: bool, passes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def main(words: list[str]) -> int:
        Path(words[words.index("--json") + 1]).write_text(json.dumps({**TOLD, "pass": passes}))
        return 0

    monkeypatch.setattr(model, "main", main)
    monkeypatch.setattr(model, "write", lambda file, size, stages: None)
    monkeypatch.setattr(model, "_is_equal", lambda file, work_dir: equal)
    parser = ArgumentParser()
    model.options(parser)
    arguments = parser.parse_args([])
    arguments.out = tmp_path
    report = model.run(arguments)
    assert report.sound == (equal and passes)
    [convolution, pool] = report.data["tasks"]
    assert (convolution["task"], convolution["cycles"]) == ("conv2d1", "1,234")
    assert (pool["task"], pool["cycles"]) == ("max_pool2d", "on this CPU")
    [whole] = report.data["whole"]
    assert whole["tasks on the chip"] == "1 of 2"
    assert (whole["equal to this CPU"] == "in every bit") == equal
