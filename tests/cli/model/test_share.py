"""Two tuners of one model side by side: each has its tasks, and together they have all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from heron_ms._tvm import IRModule
from heron_ms.cli import main
from heron_ms.errors import UsageError
from heron_ms.measure.entries import contents_of
from heron_ms.models.sharing import Share
from heron_ms.workloads import Gemm

TRIALS = 4


def _line(net: Path, work_dir: Path, *more: str) -> list[str]:
    options = f"--shape x=4x12 --cores 1 --seed 0 --trials {TRIALS} --work-dir {work_dir}"
    return ["tune-model", str(net), *options.split(), *more]


@pytest.mark.slow
def test_two_processes_measure_every_task_once(
    net: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    program = [sys.executable, "-m", "heron_ms.cli"]
    tuners = [
        subprocess.Popen([*program, *_line(net, folder, "--share", f"{number}/2")])
        for number, folder in enumerate(folders, 1)
    ]
    assert [tuner.wait() for tuner in tuners] == [0, 0]
    each = [contents_of([folder]).entries for folder in folders]
    assert [len(entries) for entries in each] == [TRIALS // 2, TRIALS // 2]
    tasks = [{entry.task for entry in entries} for entries in each]
    assert not tasks[0] & tasks[1]

    both, result = tmp_path / "both", tmp_path / "result.json"
    assert main(["db", "merge", *map(str, folders), "-o", str(both)]) == 0
    assert main(_line(net, both, "--json", str(result))) == 0
    record = json.loads(result.read_text())
    assert record["pass"] and [task["trials"] for task in record["tasks"]] == [2, 2]
    joined = contents_of([both]).entries
    assert len(joined) == len({(entry.task, str(entry.trace)) for entry in joined}) == TRIALS
    assert "share 1/2 is tuned: once all are, join them" in capfd.readouterr().out


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shares_are_all_and_none_twice(count: int) -> None:
    functions = [Gemm(size, 8, 8).prim_func() for size in (8, 16, 24, 32, 40)]
    shares = [
        Share(number, count).of(functions, lambda func: func) for number in range(1, count + 1)
    ]
    dealt = [func for share in shares for func in share]
    assert len(dealt) == len(functions)
    assert all(any(func.same_as(other) for other in dealt) for func in functions)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    # Another tuner finds them in another order.
    again = Share(1, count).of(functions[::-1], lambda func: func)
    assert [func.same_as(other) for func, other in zip(again[::-1], shares[0], strict=True)] == [
        True
    ] * len(shares[0])


def test_a_module_is_dealt_like_its_function() -> None:
    functions = [Gemm(size, 8, 8).prim_func() for size in (8, 16, 24)]
    modules = [IRModule({"main": func}) for func in functions]
    first = Share(1, 2).of(modules, lambda mod: mod["main"])
    assert [modules.index(mod) for mod in first] == [
        functions.index(func) for func in Share(1, 2).of(functions, lambda func: func)
    ]


@pytest.mark.parametrize(("number", "count"), [(0, 2), (3, 2), (1, 0)])
def test_no_such_share(number: int, count: int) -> None:
    with pytest.raises(UsageError, match="there is no share"):
        Share(number, count)


@pytest.mark.parametrize("text", ["2", "3/2", "a/b", "1/"])
def test_a_share_is_two_numbers(text: str, net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune-model", str(net), "--share", text]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "must be I/N" in err
