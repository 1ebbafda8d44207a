"""Steps that crash, hang or raise cost their result, never the run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from compare_steps import Step, run

HEAD = """
import os, subprocess, sys, time
sys.path.insert(0, {scripts!r})
from compare_steps import serve
def work(request):
    {body}
serve(work)
"""
SCRIPTS = str(Path(__file__).parents[2] / "scripts")


def step(folder: Path, body: str, seconds: float = 20.0, torch: bool = False) -> Step:
    """A step whose work is these lines."""
    script = folder / "script.py"
    script.write_text(HEAD.format(scripts=SCRIPTS, body=body.replace("\n", "\n    ")))
    return Step(str(script), {"number": 20, "folder": str(folder)}, seconds, folder / "log", torch)


def test_a_result_comes_back(tmp_path: Path) -> None:
    assert run(step(tmp_path, "return {'double': 2 * request['number']}")) == {"double": 40}


def test_an_exception_is_the_problem(tmp_path: Path) -> None:
    assert run(step(tmp_path, "raise ValueError('too odd')")) == {"problem": "ValueError: too odd"}
    assert "Traceback" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("body", "words"),
    [("os.abort()", "crashed (SIGABRT)"), ("os._exit(3)", "ended with status 3")],
)
def test_a_crash_is_the_problem(tmp_path: Path, body: str, words: str) -> None:
    problem = run(step(tmp_path, body))["problem"]
    assert words in problem and str(tmp_path / "log") in problem


def test_what_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    body = """
child = subprocess.Popen(["sleep", "60"])
open(request["folder"] + "/child", "w").write(str(child.pid))
time.sleep(60)"""
    calls: list[float] = []
    problem = run(step(tmp_path, body, seconds=3.0), lambda: calls.append(time.monotonic()))
    assert "stopped after 3 s" in problem["problem"]
    assert calls, "the one who waits is told now and then"
    assert _gone(int((tmp_path / "child").read_text()))


def test_torch_is_found_only_where_it_is_wanted(tmp_path: Path) -> None:
    body = """
try:
    import torch
except ImportError as error:
    return {"why": str(error)}
return {"why": ""}"""
    assert "left out" in run(step(tmp_path, body))["why"]
    assert "left out" not in run(step(tmp_path, body, torch=True))["why"]


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
