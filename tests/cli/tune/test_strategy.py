"""`heron-ms tune --strategy`: listed, checked, and what is said is what runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heron_ms._tvm import ms
from heron_ms.cli import main
from heron_ms.cli.arguments.parser import build_parser
from heron_ms.cli.tune import effort
from heron_ms.cli.tune import search as searching
from heron_ms.cli.tune.job import Job
from heron_ms.cli.tune.records import Records
from heron_ms.cli.tune.transfer import Transfer
from heron_ms.cost_model import Transferred
from heron_ms.hardware import machine
from heron_ms.search.rivals import QDirections
from heron_ms.strategies import STRATEGIES
from heron_ms.workloads import Gemm

GEMM = ["tune", "gemm", "16", "16", "16"]


def test_help_lists_each_with_its_description(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "--help"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for strategy in STRATEGIES.values():
        assert f"{strategy.name} {strategy.summary}" in lines


def test_the_default_is_heron_s_own() -> None:
    assert build_parser().parse_args(GEMM).strategy == "cga"


@pytest.mark.parametrize("name", STRATEGIES)
def test_each_is_accepted_before_and_after_the_operator(name: str) -> None:
    after = build_parser().parse_args([*GEMM, "--strategy", name])
    before = build_parser().parse_args(["tune", "--strategy", name, *GEMM[1:]])
    assert after.strategy == before.strategy == name


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--strategy tabu", "unknown --strategy 'tabu': choose from"),
        ("--strategy random --preset quick", "--preset means nothing to --strategy random"),
        ("--strategy random --transfer x", "--transfer means nothing to --strategy random"),
        ("--transfer nowhere", "--transfer 'nowhere' does not exist"),
        (f"--transfer {__file__}", f"{__file__} is no transferred model"),
    ],
)
def test_one_line_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], options: str, expected: str
) -> None:
    assert main([*GEMM, *options.split(), "--target", "host"]) == 2
    err = capsys.readouterr().err
    assert expected in err and err.count("\n") == 1


def test_what_is_named_is_what_searches(searched: Callable[[Job], Any], job: Job) -> None:
    job = replace(job, strategy="walk-q")
    assert isinstance(searched(job).explorer, QDirections)
    assert job.settings["strategy"] == "walk-q"


def test_a_transferred_model_is_where_it_starts(searched: Callable[[Job], Any], job: Job) -> None:
    transfer = Transfer(Path("runs"), Transferred((), ()))
    job = replace(job, transfer=transfer)
    assert searched(job).explorer.make_model.keywords == {"transfer": transfer.model}
    assert job.settings["transfer"] == "runs"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(Gemm(16, 16, 16), machine("cascadelake"), 2, tmp_path, 0, "default")


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> Callable[[Job], Any]:
    """The strategy that a job's search is handed, which does not run."""
    given: dict[str, Any] = {}

    def remember(*_: Any, **options: Any) -> Any:
        given.update(options)
        return ms.database.MemoryDatabase()

    monkeypatch.setattr(searching, "tune_tir", remember)
    for name in ("TimedBuilder", "TimedRunner"):
        monkeypatch.setattr(effort, name, lambda *_: None)
    idle = SimpleNamespace(
        require=lambda _: None,
        builder=lambda: SimpleNamespace(close=lambda: None),
        runner=lambda *_, **__: None,
    )
    monkeypatch.setattr(Job, "device", idle)

    def search(job: Job) -> Any:
        searching.search(job.workload, job.target, job, Records(0, 0, None, None))
        return given["strategy"]

    return search
