"""Help teaches by example and costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from heron_ms.cli import main
from heron_ms.cli.arguments import inputs
from heron_ms.cli.arguments.operators import USAGES, Usage
from heron_ms.cli.arguments.parser import build_parser
from heron_ms.workloads import OPERATORS

COMMANDS = ["", "tune", "explain", "doctor", "tune-model", "compile", "run", "explain net.onnx"]
OPERATOR_HELP = [f"{command} {name}" for command in ("tune", "explain") for name in OPERATORS]


@pytest.mark.parametrize("command", [*COMMANDS, *OPERATOR_HELP])
def test_every_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert f"\n  heron-ms {command.removesuffix(' net.onnx')}".rstrip() in text


def test_every_operator_has_its_usage() -> None:
    assert [operator.name for operator in USAGES] == list(OPERATORS)


@pytest.mark.parametrize("usage", USAGES, ids=lambda operator: operator.name)
def test_the_examples_of_the_help_are_cases(usage: Usage) -> None:
    for line in (usage.small, usage.large):
        args = build_parser().parse_args(["explain", usage.name, *line.split()])
        assert inputs.workload_of(args).operator == usage.name


@pytest.mark.parametrize("module", ["heron_ms", "heron_ms.cli"])
def test_as_a_module(module: str) -> None:
    command = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: heron-ms ")


@pytest.mark.parametrize(("reader", "seen"), [("head -1", "gemm 16 16 16"), ("true", "")])
def test_a_reader_that_stops_early(reader: str, seen: str) -> None:
    command = f"{sys.executable} -m heron_ms.cli explain gemm 16 16 16 --target znver4 | {reader}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith(seen)
    assert "Error" not in done.stderr
