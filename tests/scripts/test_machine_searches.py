"""Searches on this machine: what is timed again, and what a search would have returned."""

from __future__ import annotations

import sys
from math import inf
from pathlib import Path
from typing import Any

import figure12_machine
import pytest
from machine_searches import Bench, Program, Timed, winner
from record_replay_cases import Case
from replay_runs import Search

from heron_ms._tvm import IRModule, Schedule, Target, ms
from heron_ms.measure.records import FAILED
from heron_ms.work_dir import open_database
from heron_ms.workloads.gemm import Gemm

CASE = Case("planted", "gemm", (64, 64, 64), "kn", full=False)
TARGET = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 1})


def _planted(folder: Path, search: Search, measured: list[float]) -> None:
    """A finished search whose programs, all different, were measured in these seconds."""
    program = IRModule({"main": Gemm(*CASE.sizes).prim_func()})
    place = folder / CASE.name / f"{search.strategy}-{search.seed}"
    place.mkdir(parents=True)
    database = open_database(str(place))
    workload = database.commit_workload(program)
    arguments = ms.arg_info.ArgInfo.from_entry_func(program, remove_preproc=True)
    for number, seconds in enumerate(measured, start=2):
        sch = Schedule(program)
        loops = sch.get_loops(sch.get_child_blocks(sch.get_sblock("root"))[0])
        sch.split(loops[0], [None, number])
        record = ms.database.TuningRecord(sch.trace, workload, [seconds] * 4, TARGET, arguments)
        database.commit_tuning_record(record)


def _knowing(truth: dict[float, tuple[float, float]], asked: list[list[float]]) -> Any:
    """In place of timing: what programs take, by what they were measured in at first."""

    def timed(self: Bench, programs: dict[str, Program]) -> Timed:
        first = {name: each.line.seconds for name, each in programs.items()}
        asked.append(sorted(first.values()))
        return {name: truth[seconds] for name, seconds in first.items()}

    return timed


def test_the_finalists_of_each_trial_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search("planted", "cga", 0, 7)
    _planted(tmp_path, search, [FAILED, 2.0, 1.0, 0.99, 0.97, 0.96, 0.95, 0.5])
    truth = {2.0: (2.0, 2.1), 1.0: (0.9, 1.2), 0.99: (1.0, 1.0), 0.97: (0.91, 0.92),
             0.96: (inf, inf), 0.95: (0.92, 0.9)}  # fmt: skip
    asked: list[list[float]] = []
    monkeypatch.setattr(Bench, "_time", _knowing(truth, asked))
    bench = Bench(CASE, TARGET, tmp_path)
    (curve,) = bench.curves([search])
    # What decides is not what judges; 1.0 is no finalist any more once four others are faster.
    assert curve.best == (inf, 2.1, 1.2, 1.2, 1.2, 1.2, 0.92)
    assert asked == [sorted(truth)]
    assert bench.curves([search]) == [curve] and len(asked) == 1


def test_nothing_ran() -> None:
    assert winner([], {}) == inf


@pytest.mark.slow
def test_the_figure_is_made_and_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(figure12_machine, "pin", lambda _: None)
    options = ["--strategies", "cga", "random", "--seeds", "1", "--trials", "4"]
    monkeypatch.setattr(sys, "argv", ["figure12_machine.py", *options, "--out", str(tmp_path)])
    assert figure12_machine.main() == 0
    first, said = capfd.readouterr()
    assert said.count("programs are right") == 3
    assert len(list(tmp_path.glob("*/*/database_tuning_record.json"))) == 6
    assert figure12_machine.main() == 0
    again, said = capfd.readouterr()
    assert again == first and "programs are right" not in said
