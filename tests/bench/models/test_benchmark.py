"""The table of models says who won, who is missing and what is wrong."""

from __future__ import annotations

from scripts.bench.harness.journal import Record
from scripts.bench.models.benchmark import report

RIGHT: Record = {
    "model": "small",
    "ms": {"ONNX Runtime": 2.0, "heron_ms, 0 trials": 4.0, "heron_ms": 1.0},
    "error": {"ONNX Runtime": 0.0, "heron_ms, 0 trials": 1e-6, "heron_ms": 1e-6},
    "tasks_ms": 0.93,
    "missing": {"OpenVINO": "No module named 'openvino'"},
    "right": True,
}
SLOW: Record = {
    "model": "large",
    "ms": {"ONNX Runtime": 2.0, "heron_ms, 0 trials": 1.0, "heron_ms": 4.0},
    "error": {"ONNX Runtime": 0.0, "heron_ms, 0 trials": 1e-6, "heron_ms": 1e-6},
    "missing": {},
    "right": True,
}


def test_means_of_what_both_ran() -> None:
    shown = report([RIGHT, SLOW, {"model": "none", "failure": "package x is not installed"}])
    assert {"of": "heron_ms", "ONNX Runtime": "1.00"} in shown.data["means"]
    assert "| heron_ms | 1.00 |" in shown.text
    assert "package x is not installed" in shown.text
    assert not shown.sound
    assert report([RIGHT, SLOW]).sound


def test_the_sum_of_the_tasks_is_beside_the_model() -> None:
    lines = report([RIGHT, SLOW]).text.splitlines()
    shown = [line.split("|")[-3].strip() for line in lines[:4]]
    assert shown[0] == "tasks to model" and shown[2:4] == ["0.93", ""]


def test_a_wrong_one_is_named() -> None:
    wrong = {**RIGHT, "right": False, "error": {"heron_ms": 0.5}}
    shown = report([wrong])
    assert "WRONG" in shown.text and not shown.sound


def test_ours_that_is_missing_is_named() -> None:
    missing = {"model": "m", "ms": {"ONNX Runtime": 1.0}, "error": {}, "right": False,
               "missing": {"heron_ms": "no importer for Foo"}}  # fmt: skip
    assert "no importer for Foo" in report([missing]).text
