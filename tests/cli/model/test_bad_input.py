"""Bad input of the commands of models: one line that names it, and status 2."""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from heron_ms._tvm import Target, ms
from heron_ms.cli import main
from heron_ms.hardware import driver, host
from heron_ms.hardware.driver import Gpu
from tests.cli.model.nets import convolutions, mismatched, mlp, unsupported, without_output

Complaint = Callable[..., str]


@pytest.fixture
def complaint(capfd: pytest.CaptureFixture[str]) -> Complaint:
    """What a command of bad input says, after checks of what holds for all of them."""

    def said(line: str, before: str = "") -> str:
        status = main(line.split())
        out, err = capfd.readouterr()
        assert status == 2
        assert out == ""
        if before:
            first, _, err = err.partition("\n")
            assert first.startswith(before)
        assert err.startswith("heron-ms: error: ") and err.count("\n") == 1
        return err

    return said


def test_two_shapes_of_one_input(complaint: Complaint, net: Path) -> None:
    said = complaint(f"explain {net} --shape x=4x12 --shape x=5x12")
    assert "--shape must be given once for each input, 'x' has two" in said


def test_a_file_of_another_kind(complaint: Complaint, tmp_path: Path) -> None:
    (tmp_path / "net.pth").touch()
    assert "net.pth must end in .onnx or .pt2" in complaint(f"explain {tmp_path}/net.pth")


def test_a_machine_on_paper(complaint: Complaint, net: Path) -> None:
    said = complaint(f"tune-model {net} --shape x=4x12 --target accelerator:eyeriss")
    assert "is a description, so nothing can be measured here" in said


def test_a_library_for_a_machine_that_is_simulated(
    complaint: Complaint, net: Path, tmp_path: Path
) -> None:
    output = tmp_path / "net.so"
    said = complaint(f"compile {net} --shape x=4x12 --target vta --output {output}")
    assert "is simulated, and no library is written for it" in said


def test_a_library_for_a_gpu(
    complaint: Complaint, net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is simulated only where it is not the one that is here."""
    line = f"compile {net} --shape x=4x12 --target tensorcore:a100 --output {tmp_path / 'net.so'}"
    monkeypatch.setattr(driver, "gpu", lambda: None)
    assert "is simulated, and no library is written for it" in complaint(line)
    monkeypatch.setattr(driver, "gpu", lambda: Gpu("NVIDIA A100-SXM4-40GB", 80))
    said = complaint(line)
    assert "simulate" not in said
    assert "takes no more than the products of a model, and no library is written for it" in said
    assert "tune-model MODEL --target tensorcore:a100` tunes and computes these on it" in said


def test_a_model_without_outputs(complaint: Complaint, tmp_path: Path) -> None:
    assert "has no outputs" in complaint(f"explain {without_output(tmp_path / 'net.onnx')}")


def test_operands_that_do_not_fit(complaint: Complaint, tmp_path: Path) -> None:
    assert "MatMul" in complaint(f"explain {mismatched(tmp_path / 'net.onnx')}")


def test_more_than_fits_in_memory(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    line = f"tune-model {net} --shape x=2000000000x12 --work-dir {tmp_path}"
    assert "GiB of memory" in complaint(line)


@pytest.mark.parametrize("command", ["explain", "tune-model", "compile -o net.so"])
def test_dynamic_shapes_left(complaint: Complaint, net: Path, command: str) -> None:
    assert "fix them with --shape x=?x12" in complaint(f"{command} {net}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", "--shape must be NAME=1x3x224x224, got 'x'"),
        ("=1x3", "--shape must be NAME=1x3x224x224, got '=1x3'"),
        ("x=1xx3", "--shape must be NAME=1x3x224x224, got 'x=1xx3'"),
        ("x=0x12", "must be an integer from 1 to 2147483647, got '0'"),
        ("x=-1x12", "--shape must be NAME=1x3x224x224, got 'x=-1x12'"),
        ("x=4x13", "which the shape 4x13 contradicts"),
        ("z=4x12", "has no input 'z'"),
    ],
)
def test_a_shape_that_is_none(complaint: Complaint, net: Path, text: str, expected: str) -> None:
    assert expected in complaint(f"explain {net} --shape {text}")


def test_no_such_model(complaint: Complaint, tmp_path: Path) -> None:
    assert "does not exist" in complaint(f"tune-model {tmp_path}/no.onnx")


def test_an_operator_that_cannot_be_had(complaint: Complaint, tmp_path: Path) -> None:
    assert "Det" in complaint(f"explain {unsupported(tmp_path / 'det.onnx')}")


def test_a_corrupt_file(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    file = tmp_path / "cut.onnx"
    file.write_bytes(net.read_bytes()[:100])
    assert "cut.onnx is damaged or no ONNX file" in complaint(f"explain {file}")


def test_a_file_that_may_not_be_read(
    complaint: Complaint, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(net))

    monkeypatch.setattr("onnx.load", forbidden)
    assert f"{net} cannot be read (Permission denied)" in complaint(f"explain {net}")


def test_a_name_that_is_no_text(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    file = tmp_path / "flipped.onnx"
    file.write_bytes(net.read_bytes().replace(b"Relu", b"\x91elu"))
    assert "flipped.onnx is no valid ONNX model: 'utf-8' codec" in complaint(f"explain {file}")


def test_a_work_dir_of_no_trials(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    for name in ("database_workload.json", "database_tuning_record.json"):
        (tmp_path / name).touch()
    line = f"compile {net} --shape x=4x12 --work-dir {tmp_path} -o {tmp_path}/net.so"
    said = complaint(line)
    assert f"the database in {tmp_path} has no record: tune with --trials above 0" in said


def test_a_work_dir_without_a_database(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    line = f"compile {net} --shape x=4x12 --work-dir {tmp_path} -o {tmp_path}/net.so"
    assert "has no database: tune with `heron-ms tune-model" in complaint(line)


def test_a_database_of_another_target(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    _database(tmp_path, Target({"kind": "llvm", "mcpu": "znver9", "num-cores": 7}))
    line = f"compile {net} --shape x=4x12 --work-dir {tmp_path} -o {tmp_path}/net.so --cores 1"
    said = complaint(line)
    assert "has no record for" in said and "it has 1 for" in said and "znver9" in said


def test_a_database_of_another_model(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    _database(tmp_path, Target(host().target(1)))
    line = f"compile {net} --shape x=4x12 --work-dir {tmp_path} -o {tmp_path}/net.so --cores 1"
    assert "has no record of any task of mlp.onnx" in complaint(line)


def test_damaged_settings(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    _database(tmp_path, Target(host().target(1)))
    (tmp_path / "model.json").write_text(json.dumps({net.name: {"shapes": 3}}))
    line = f"compile {net} --work-dir {tmp_path} -o {tmp_path}/net.so"
    assert "model.json is damaged" in complaint(line)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("net.txt", "must end in .so"), ("missing/net.so", "does not exist: make it")],
)
def test_no_place_for_a_library(
    complaint: Complaint, net: Path, tmp_path: Path, name: str, expected: str
) -> None:
    assert expected in complaint(f"compile {net} --shape x=4x12 -o {tmp_path / name}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "does not exist"), (b"garbage", "is no library that"), (b"\x7fELF", "is cut short")],
)
def test_a_library_that_is_none(
    complaint: Complaint, tmp_path: Path, content: bytes | None, expected: str
) -> None:
    file = tmp_path / "net.so"
    if content is not None:
        file.write_bytes(content)
    assert expected in complaint(f"run {file}")


def test_a_library_for_another_cpu(
    complaint: Complaint, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = host()
    smaller = replace(this.with_features(this.features - {"fma"}), mcpu="smaller")
    monkeypatch.setattr("heron_ms.models.library.host", lambda: smaller)
    said = complaint(f"run {library}")
    assert "was compiled for a CPU with fma (" in said and "smaller" in said
    assert said.endswith(": compile it here\n")


def test_nothing_to_compare_with(
    complaint: Complaint, library: Path, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    said = complaint(f"run {library} --check {net}")
    assert 'needs the package onnxruntime: pip install "heron-ms[onnx]"' in said


def test_more_cores_than_there_are(complaint: Complaint, library: Path) -> None:
    assert "--cores 4096 is more than" in complaint(f"run {library} --cores 4096")


def test_a_full_disk(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    (tmp_path / "net.so").symlink_to("/dev/full")
    said = complaint(f"compile {net} --shape x=4x12 --cores 1 -o {tmp_path}/net.so")
    assert "net.so cannot be written: " in said and "No space left on device" in said


def test_a_work_dir_in_use(complaint: Complaint, net: Path, tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = complaint(f"tune-model {net} --shape x=4x12 --work-dir {tmp_path}", "tasks found")
    assert "is in use by another run" in said
    assert not (tmp_path / "model.json").exists()


def test_another_model(complaint: Complaint, library: Path, tmp_path: Path) -> None:
    other = convolutions(tmp_path / "other.onnx")
    said = complaint(f"run {library} --check {other}")
    assert "was compiled of mlp.onnx" in said and "other.onnx is another model" in said


def test_another_shape_than_compiled(complaint: Complaint, library: Path, net: Path) -> None:
    said = complaint(f"run {library} --check {net} --shape x=5x12")
    assert "--shape x=5x12 is not what" in said and "x=4x12: compile it again" in said


def test_a_work_dir_that_is_a_file(complaint: Complaint, tmp_path: Path) -> None:
    net = mlp(tmp_path / "mlp.onnx")
    line = f"tune-model {net} --shape x=4x12 --work-dir {net}"
    assert "is a file: name a directory" in complaint(line)


def _database(work_dir: Path, target: Target) -> None:
    """One record, of a task of nobody's."""
    from heron_ms._tvm import IRModule, Schedule
    from heron_ms.measure.records import module_of
    from heron_ms.work_dir import open_database
    from heron_ms.workloads.gemm import Gemm

    database = open_database(str(work_dir))
    mod: IRModule = module_of(Gemm(16, 16, 16).prim_func())
    workload = database.commit_workload(mod)
    record = ms.database.TuningRecord(Schedule(mod).trace, workload, [1e-3], target, None)
    database.commit_tuning_record(record)
