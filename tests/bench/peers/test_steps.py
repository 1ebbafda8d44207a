"""Steps that crash, hang or raise cost their result, never the run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.peers.steps import Step, run
from tests.bench.peers import fragile_work


def step(work: Any, folder: Path, seconds: float = 20.0, torch: bool = False) -> Step:
    """A step that does this work."""
    return Step(work, {"number": 20, "folder": str(folder)}, seconds, folder / "log", torch)


def test_a_result_comes_back(tmp_path: Path) -> None:
    assert run(step(fragile_work.double, tmp_path)) == {"double": 40}


def test_an_exception_is_the_problem(tmp_path: Path) -> None:
    assert run(step(fragile_work.refuse, tmp_path)) == {"problem": "ValueError: too odd"}
    assert "Traceback" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (fragile_work.abort, "crashed (SIGABRT)"),
        (fragile_work.leave, "ended with status 3"),
    ],
)
def test_a_crash_is_the_problem(tmp_path: Path, work: Any, words: str) -> None:
    problem = run(step(work, tmp_path))["problem"]
    assert words in problem and str(tmp_path / "log") in problem


def test_what_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    calls: list[float] = []
    hanging = step(fragile_work.hang, tmp_path, seconds=3.0)
    problem = run(hanging, lambda: calls.append(time.monotonic()))
    assert "stopped after 3 s" in problem["problem"]
    assert calls, "the one who waits is told now and then"
    assert _gone(int((tmp_path / "child").read_text()))


def test_torch_is_found_only_where_it_is_wanted(tmp_path: Path) -> None:
    assert "left out" in run(step(fragile_work.why_no_torch, tmp_path))["why"]
    assert "left out" not in run(step(fragile_work.why_no_torch, tmp_path, torch=True))["why"]


def _gone(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]:
            return True
        time.sleep(0.1)
    return False
