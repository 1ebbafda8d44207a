"""`heron-ms db` on databases that are planted: of two tasks, two targets, good and bad records."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target, ms
from heron_ms.cli import main
from heron_ms.cli.db import verifying
from heron_ms.hardware import host
from heron_ms.work_dir import open_database
from heron_ms.workloads import Gemm

HERE = Target(host().target(1))
BOARD = Target({"kind": "llvm", "mcpu": "cortex-a76", "mtriple": "aarch64-linux-gnu",
                "num-cores": 4})  # fmt: skip
FUNCTIONS = [Gemm(size, 8, 8).prim_func() for size in (8, 16)]


def plant(folder: Path, function: PrimFunc, target: Target, seconds: list[float | None]) -> None:
    """Add a record for each time, each of another program."""
    database = open_database(str(folder))
    mod = IRModule({"main": function})
    workload = database.commit_workload(mod)
    for number, took in enumerate(seconds):
        sch = Schedule(mod)
        loop = sch.get_loops(sch.get_sblock("C"))[number % 2]
        sch.unroll(loop) if number < 2 else sch.parallel(sch.get_loops(sch.get_sblock("C"))[0])
        arguments = ms.arg_info.ArgInfo.from_entry_func(mod, remove_preproc=True)
        times = [1e10] if took is None else [took, took * 1.01]
        record = ms.database.TuningRecord(sch.trace, workload, times, target, arguments)
        database.commit_tuning_record(record)
    open_database(str(folder))  # adds the checksums


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    plant(folder, FUNCTIONS[0], HERE, [2e-3, 1e-3, None])
    plant(folder, FUNCTIONS[1], HERE, [4e-3])
    plant(folder, FUNCTIONS[0], BOARD, [3e-3])
    return folder


@pytest.fixture
def copy(planted: Path, tmp_path: Path) -> Path:
    shutil.copytree(planted, tmp_path / "copy")
    return tmp_path / "copy"


def db(*words: Any) -> int:
    return main(["db", *map(str, words)])


def records(folder: Path) -> list[Any]:
    return list(open_database(str(folder)).get_all_tuning_records())


def test_list_knows_tasks_and_targets(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert db("list", planted) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    numbers = [row.split()[-3:] for row in rows]
    assert head.split()[-4:] == ["records", "failed", "best", "ms"] or "best ms" in head
    assert numbers == [["3", "1", "1.0000"], ["1", "0", "4.0000"], ["1", "0", "3.0000"]]
    assert "uint8[8,8] int8[8,8] int32[8,8]" in rows[0]
    assert host().mcpu in rows[0] and "cortex-a76" in rows[2]


def test_show_has_the_trace_of_the_best(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert db("show", planted) == 0
    out = capsys.readouterr().out
    assert out.count("# task") == 3
    assert "# 1.0000 ms, lower quartile of 2; measured once" in out and "sch.unroll(" in out


def test_export_is_what_other_tools_read(planted: Path, tmp_path: Path) -> None:
    lines, table = tmp_path / "records.jsonl", tmp_path / "records.csv"
    assert db("export", planted, "-o", lines) == 0
    assert db("export", planted, "--format", "csv", "-o", table) == 0
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [row["seconds"] for row in rows] == [2e-3, 1e-3, None, 4e-3, 3e-3]
    with table.open() as file:
        read = list(csv.DictReader(file))
    assert [row["task"] for row in read] == [row["task"] for row in rows]
    assert [row["seconds"] for row in read] == ["0.002", "0.001", "", "0.004", "0.003"]


def test_merge_loses_nothing_and_keeps_nothing_twice(copy: Path, tmp_path: Path) -> None:
    other, both = tmp_path / "other", tmp_path / "both"
    plant(other, FUNCTIONS[1], HERE, [4e-3, 5e-3])
    before = copy.joinpath("database_tuning_record.json").read_bytes()
    assert db("merge", copy, other, copy, "-o", both) == 0
    merged = records(both)
    assert len(merged) == 6  # five and two, one of which is in both
    assert sorted(float(record.run_secs[0]) for record in merged) == pytest.approx(
        [1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 1e10]
    )
    assert copy.joinpath("database_tuning_record.json").read_bytes() == before
    assert db("merge", copy, "-o", both) == 2  # there is one


def test_prune_keeps_the_best_of_each(copy: Path, tmp_path: Path) -> None:
    assert db("prune", copy, "--keep", 1, "-o", tmp_path / "new") == 0
    assert len(records(copy)) == 5
    assert db("prune", copy, "--keep", 1) == 0
    for folder in (copy, tmp_path / "new"):
        left = sorted(float(record.run_secs[0]) for record in records(folder))
        assert left == pytest.approx([1e-3, 3e-3, 4e-3])


def test_verify_runs_what_runs_here(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert db("verify", planted) == 0
    *rows, last = capsys.readouterr().out.splitlines()
    assert [row.split(":")[0] for row in rows] == ["right", "right", "not checked"]
    assert last == "PASS: 2 right, 0 wrong, 1 of other machines"


def test_a_wrong_record_is_found(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        """A process in which every program is wrong, or that ends."""

        def __init__(self, _: Any) -> None:
            self.answers = iter(["4 of 64 elements are wrong", None])

        def run(self, *_: Any) -> str | None:
            answer = next(self.answers)
            if answer is None:
                raise ChildProcessError("Subprocess terminated")
            return answer

        def close(self) -> None:
            pass

    monkeypatch.setattr(verifying, "Worker", Broken)
    assert db("verify", copy) == 1
    out = capsys.readouterr().out
    assert "4 of 64 elements are wrong" in out and "Subprocess terminated" in out
    assert out.splitlines()[-1] == "FAIL: 0 right, 2 wrong, 1 of other machines"


def test_what_is_compared_is_what_the_record_says(tmp_path: Path) -> None:
    """A sum in eight bits is another one: TVM lets a schedule ask for it."""
    mod = IRModule({"main": FUNCTIONS[0]})
    sch = Schedule(mod)
    sch.cache_write(sch.get_sblock("C"), 0, "global")
    sch.unsafe_set_dtype(sch.get_sblock("C"), 0, "int8")
    workload = ms.database.Workload(mod)
    arguments = ms.arg_info.ArgInfo.from_entry_func(mod, remove_preproc=True)
    record = ms.database.TuningRecord(sch.trace, workload, [1e-3], HERE, arguments)
    texts = [json.dumps(part, default=int) for part in (workload.as_json(), [0, record.as_json()])]
    why = verifying.objection_to_texts(*(text.encode() for text in texts))
    assert why is not None and "wrong" in why


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("list {nothing}", "has no database"),
        ("show {planted} --task 0123", "no task has a hash that begins with '0123'"),
        ("prune {planted} --keep 0", "must be an integer from 1"),
        ("merge {planted}", "required: -o"),
    ],
)
def test_bad_input_is_one_line(
    words: str, message: str, planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", *words.format(nothing=tmp_path, planted=planted).split()]) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1


@pytest.mark.parametrize("name", ["database_tuning_record.json", "database_workload.json"])
def test_no_export_replaces_a_database(
    copy: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    before = (copy / name).read_bytes()
    assert db("export", copy, "-o", copy / name) == 2
    said = capsys.readouterr().err
    assert f"{name} is what a run keeps: name another file" in said and said.count("\n") == 1
    assert (copy / name).read_bytes() == before


def test_a_file_of_the_same_name_elsewhere_is_written(copy: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "model.json"
    elsewhere.write_text("")
    assert db("export", copy, "-o", elsewhere) == 0
    assert elsewhere.read_text().count("\n") == 5


def test_nothing_to_verify_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(tmp_path, FUNCTIONS[0], HERE, [None])
    assert db("verify", tmp_path) == 2
    said = capsys.readouterr()
    assert f"no record of {tmp_path} ran" in said.err and said.out == ""
