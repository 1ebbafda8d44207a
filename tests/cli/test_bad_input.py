"""Bad input is one line on stderr that names it, and status 2; nothing is tuned, nothing raised."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.errors import TargetError
from heron_ms.hardware import host

needs_vnni = pytest.mark.skipif(
    not host().has("avx512vnni"), reason="this CPU has no AVX512-VNNI to tune for"
)


def _complaint(capsys: pytest.CaptureFixture[str], line: str, *more: str) -> str:
    """What a command writes to stderr, after checks of what holds for all bad input."""
    status = main([*line.split(), *more])
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.startswith("heron-ms: error: ") and err.count("\n") == 1
    return err


@pytest.mark.parametrize("command", ["tune", "explain"])
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("conv 64 64 64", "unknown operator 'conv'"),
        ("gemm 0 64 64", "M must be an integer above zero, got '0'"),
        ("gemm 64 -3 64", "K must be an integer above zero, got '-3'"),
        ("gemm 64 64 1.5", "N must be an integer above zero, got '1.5'"),
        ("gemm x 64 64", "M must be an integer above zero, got 'x'"),
        ("gemm 64 64", "required: N"),
        ("gemm 64 64 64 64", "unrecognized arguments: 64"),
        ("gemm 64 64 64 --weight kk", "unknown --weight 'kk'"),
        ("gemm 64 64 64 --dtype s8u8", "--dtype takes one of u8s8, s8s8, f32, f16, bf16, not"),
        ("gemm 64 64 64 --layout nchw", "unrecognized arguments: --layout nchw"),
        ("c2d 1 8 8 4 4 3 3 1 -1 1", "PAD must be an integer of at least 0, got '-1'"),
        ("c2d 1 8 8 4 4 3 3 0 1 1", "STRIDE must be an integer above zero, got '0'"),
        ("c2d 1 2 8 4 4 3 3 1 0 1", "no output is left along H"),
        ("c2d 1 8 8 4 4 3 3 1 1", "required: DIL"),
        ("c1d 1 8 4 4 3 1 1 1 --layout nhcw", "unknown --layout 'nhcw'"),
        ("grp 1 8 8 4 6 3 3 1 1 1 4", "GROUPS must divide CO, got 4 for 6"),
        ("dep 1 8 8 4 3 3 1 1 1 --weight packed", "unknown --weight 'packed'"),
        ("t2d 1 8 8 4 4 3 3 2 1 2", "a stride or a dilation, not both"),
        ("gemm 64 64 2000000", "N must be at most 1048576"),
        ("gemm 64 64 64 --target nonsense", "unknown target 'nonsense'"),
    ],
)
def test_of_both_commands(
    capsys: pytest.CaptureFixture[str], command: str, arguments: str, expected: str
) -> None:
    assert expected in _complaint(capsys, f"{command} {arguments}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--trials 0", "--trials must be an integer above zero, got '0'"),
        ("--trials many", "--trials must be an integer above zero, got 'many'"),
        ("--seed -1", "--seed must be an integer of at least 0"),
        ("--preset huge", "unknown --preset 'huge'"),
        ("--target skylake-avx512", "skylake-avx512 has no avx512vnni"),
    ],
)
def test_of_tune(capsys: pytest.CaptureFixture[str], arguments: str, expected: str) -> None:
    assert expected in _complaint(capsys, f"tune gemm 64 64 64 {arguments}")


def test_another_machine(capsys: pytest.CaptureFixture[str]) -> None:
    other = "cascadelake" if host().mcpu != "cascadelake" else "znver4"
    err = _complaint(capsys, f"tune gemm 64 64 64 --target {other}")
    assert f"target {other} is not this CPU ({host().mcpu})" in err


def test_dlboost_without_the_instruction(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> Any:
        raise TargetError("target dlboost: this CPU has no avx512vnni")

    monkeypatch.setattr("heron_ms.cli.inputs.machine", nothing)
    assert "no avx512vnni" in _complaint(capsys, "tune gemm 64 64 64 --target dlboost")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "required: command"),
        ("tuna", "unknown command 'tuna'"),
        ("tune", "required: operator"),
        ("explain", "required: operator"),
    ],
)
def test_half_a_command(capsys: pytest.CaptureFixture[str], arguments: str, expected: str) -> None:
    assert expected in _complaint(capsys, arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--suite dlbost", "unknown --suite 'dlbost': choose from dlboost, tensorcore, f32"),
        ("--suite dlboost --only conv", "--only 'conv' is in no name of suite dlboost, such as"),
        ("--suite dlboost gemm 64 64 64", "--suite and --only take no operator"),
        ("--only gemm gemm 64 64 64", "--suite and --only take no operator"),
        ("--only gemm", "required: operator or --suite"),
        ("--trials 0 gemm 64 64 64", "--trials must be an integer above zero, got '0'"),
        ("--trials 0 --suite f32 --target host", "--trials must be an integer above zero"),
    ],
)
def test_of_a_suite(capsys: pytest.CaptureFixture[str], arguments: str, expected: str) -> None:
    assert expected in _complaint(capsys, f"tune {arguments}")


@needs_vnni
def test_too_many_cores(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--cores 9999 is more" in _complaint(capsys, "tune gemm 64 64 64 --cores 9999")


@needs_vnni
def test_work_dir_is_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    err = _complaint(capsys, "tune gemm 16 16 16 --work-dir", str(file))
    assert f"the work directory {file} is a file" in err


@needs_vnni
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_work_dir_is_unreadable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tmp_path.chmod(0)
    err = _complaint(capsys, "tune gemm 16 16 16 --work-dir", str(tmp_path))
    tmp_path.chmod(0o700)
    assert "cannot be read and written" in err


@needs_vnni
def test_unreadable_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "database_tuning_record.json"
    file.mkdir()
    err = _complaint(capsys, "tune gemm 16 16 16 --work-dir", str(tmp_path))
    assert f"{file} cannot be read (Is a directory)" in err


@needs_vnni
def test_a_model_that_is_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text('{"format": "another"}')
    err = _complaint(capsys, "tune gemm 16 16 16 --transfer", str(file))
    assert f"{file} is no transferred model: its format is 'another'" in err


@needs_vnni
def test_no_place_for_the_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    work, missing = tmp_path / "work", tmp_path / "missing"
    line = f"tune gemm 16 16 16 --work-dir {work} --json {missing / 'result.json'}"
    assert f"the directory {missing} does not exist" in _complaint(capsys, line)
    line = f"tune gemm 16 16 16 --work-dir {work} --json {tmp_path}"
    assert "is a directory" in _complaint(capsys, line)
    assert not work.exists()


@pytest.mark.parametrize("number", ["99", "-1", "first"])
def test_no_such_sketch(capsys: pytest.CaptureFixture[str], number: str) -> None:
    line = f"explain gemm 16 16 16 --target cascadelake --sketch {number}"
    assert f"got '{number}'" in _complaint(capsys, line)


@needs_vnni
def test_unsatisfiable_space(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from heron_ms.csp import Le
    from heron_ms.search import base

    derive = base.constrain

    def impossible(*arguments: Any) -> Any:
        found = derive(*arguments)
        problem = found.problem.with_constraints(Le("C.registers.bytes", 10, rule="C5"))
        return dataclasses.replace(found, problem=problem)

    monkeypatch.setattr(base, "constrain", impossible)
    status = main(["tune", "gemm", "16", "64", "16", "--trials", "2", "--work-dir", str(tmp_path)])
    last = capsys.readouterr().err.splitlines()[-1]
    assert status == 2
    assert last.startswith("heron-ms: error: no assignment satisfies: ")
    assert "C.registers.bytes <= 10" in last
