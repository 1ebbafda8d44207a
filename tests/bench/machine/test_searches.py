"""Searches on this machine: what a search would have returned, and how it is timed."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import IRModule, Schedule, Target, ms, structural_equal
from heron_ms.hardware import host
from heron_ms.measure.measuring import Tools
from heron_ms.measure.records import FAILED
from heron_ms.testing import PlantedBuilder, PlantedRunner
from heron_ms.work_dir import open_database
from heron_ms.workloads.gemm import Gemm
from scripts.bench.command import main
from scripts.bench.harness.benchmark import Entry
from scripts.bench.machine import benchmark
from scripts.bench.machine import searches as machine_searches
from scripts.bench.machine.searches import MachineCase, Program, Timed
from scripts.bench.machine.winners import marks, winners
from scripts.bench.replay.record.cases import Case
from scripts.bench.replay.searches import Search

CASE = Case("planted", "gemm", (64, 64, 64), "kn", full=False)
TARGET = Target(host().target(1))


def _schedule(factor: int) -> Schedule:
    sch = Schedule(IRModule({"main": Gemm.of(CASE.sizes, weight="kn").prim_func()}))
    loops = sch.get_loops(sch.get_child_blocks(sch.get_sblock("root"))[0])
    sch.split(loops[0], [None, factor])
    return sch


SCHEDULES = [_schedule(factor) for factor in range(2, 10)]


def _place(folder: Path, search: Search) -> Path:
    return folder / CASE.name / f"{search.strategy}-{search.seed}"


def _planted(folder: Path, search: Search, measured: list[float]) -> None:
    """A finished search whose programs, all different, were measured in these seconds."""
    program = IRModule({"main": Gemm.of(CASE.sizes, weight="kn").prim_func()})
    place = _place(folder, search)
    place.mkdir(parents=True)
    database = open_database(str(place))
    workload = database.commit_workload(program)
    arguments = ms.arg_info.ArgInfo.from_entry_func(program, remove_preproc=True)
    for sch, seconds in zip(SCHEDULES, measured, strict=False):
        record = ms.database.TuningRecord(sch.trace, workload, [seconds] * 4, TARGET, arguments)
        database.commit_tuning_record(record)


def test_marks_are_powers_of_two_and_what_lies_between() -> None:
    assert marks(1) == [1] and marks(2) == [1, 2] and marks(7) == [1, 2, 3, 4, 6, 7]
    assert marks(256)[-3:] == [128, 192, 256]


def test_finalists_of_each_mark_are_measured_again(tmp_path: Path) -> None:
    truth = {
        FAILED: None,
        2.0: 2.1,
        1.0: 1.2,
        0.99: 1.0,
        0.97: 1.3,
        0.96: None,
        0.95: 1.1,
        0.5: 0.5,
    }
    search = Search("planted", "cga", 0, 7)
    _planted(tmp_path, search, list(truth))
    built: list[float] = []

    def taking(mod: IRModule) -> float | None:
        (seconds,) = (
            first
            for first, sch in zip(truth, SCHEDULES, strict=True)
            if structural_equal(sch.mod, mod)
        )
        built.append(seconds)
        return truth[seconds]

    tools = Tools(TARGET, PlantedBuilder(taking), PlantedRunner())
    # One that is far ahead is the winner as it is; later ones only look faster than the fourth.
    expected = {1: None, 2: 1, 3: 2, 4: 3, 6: 3, 7: 3}
    assert winners(_place(tmp_path, search), 7, tools) == expected
    # The winner runs beside those that challenge it, which are measured once.
    assert built == [0.99, 1.0, 0.96, 0.97, 0.99, 0.95, 0.99]


def test_what_would_have_been_returned_is_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search("planted", "cga", 0, 5)
    _planted(tmp_path, search, [3.0, 2.0, 1.0, 0.5, 0.2])
    asked: list[list[float]] = []

    def twice(_: MachineCase, programs: dict[str, Program]) -> Timed:
        asked.append(sorted(program.line.seconds for program in programs.values()))
        return {name: 2 * program.line.seconds for name, program in programs.items()}

    def decided(*_: Any) -> dict[int, int | None]:
        asked.append([])
        return {1: None, 3: 1, 5: 4}

    monkeypatch.setattr(MachineCase, "_time", twice)
    monkeypatch.setattr(machine_searches, "winners", decided)
    case = MachineCase(CASE, TARGET, tmp_path)
    (curve,) = case.curves([search])
    assert curve.best == (inf, inf, 4.0, 4.0, 0.4)
    assert case.curves([search]) == [curve] and asked == [[], [0.2, 2.0]]


@pytest.mark.slow
def test_the_figure_is_made_and_made_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["figure", "--strategies", "cga", "random", "--seeds", "1", "--trials", "4"]
    entries = [Entry("figure", "on all cores", lambda: benchmark)]
    assert main([*words, "--out", str(tmp_path)], entries) == 0
    first, said = capfd.readouterr()
    assert said.count("programs are right") == 3
    assert len(list(tmp_path.glob("*/*/database_tuning_record.json"))) == 6
    assert main([*words, "--out", str(tmp_path)], entries) == 0
    again, said = capfd.readouterr()
    assert again == first and "programs are right" not in said
