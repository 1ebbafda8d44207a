"""Bad input is one line on stderr that names it, and status 2; nothing is tuned, nothing raised."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.errors import TargetError
from heron_ms.hardware import catalogue, host


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
        ("gemm 0 64 64", "M must be an integer from 1 to 1048576, got '0'"),
        ("gemm 64 -3 64", "K must be an integer from 1 to 1048576, got '-3'"),
        ("gemm 64 64 1.5", "N must be an integer from 1 to 1048576, got '1.5'"),
        ("gemm x 64 64", "M must be an integer from 1 to 1048576, got 'x'"),
        ("gemm 1e3 64 64", "M must be an integer from 1 to 1048576, got '1e3'"),
        ("gemm 0x10 64 64", "M must be an integer from 1 to 1048576, got '0x10'"),
        ("gemm 1_000 64 64", "M must be an integer from 1 to 1048576, got '1_000'"),
        ("gemm \u0663 64 64", "M must be an integer from 1 to 1048576, got '\u0663'"),
        (
            f"gemm {'9' * 6000} 64 64",
            f"M must be an integer from 1 to 1048576, got '{'9' * 40}...'",
        ),
        ("gemm 64 64", "required: N"),
        ("gemm 64 64 64 64", "unrecognized arguments: 64 (see `heron-ms "),
        ("gemm 64 64 64 --weight kk", "unknown --weight 'kk'"),
        (
            "gemm 64 64 64 --dtype s8s9",
            "--dtype takes one of u8s8, s8s8, u8u8, s8u8, s8s8s8, f32, f16",
        ),
        ("gemm 64 64 64 --layout nchw", "unrecognized arguments: --layout nchw"),
        ("c2d 1 8 8 4 4 3 3 1 -1 1", "PAD must be an integer from 0 to 1048576, got '-1'"),
        ("c2d 1 8 8 4 4 3 3 0 1 1", "STRIDE must be an integer from 1 to 1048576, got '0'"),
        ("c2d 1 2 8 4 4 3 3 1 0 1", "no output is left along H"),
        ("c2d 1 8 8 4 4 3 3 1 1", "required: DIL"),
        ("c1d 1 8 4 4 3 1 1 1 --layout nhcw", "unknown --layout 'nhcw'"),
        ("grp 1 8 8 4 6 3 3 1 1 1 4", "GROUPS must divide CO, got 4 for 6"),
        ("dep 1 8 8 4 3 3 1 1 1 --weight packed", "unknown --weight 'packed'"),
        ("t2d 1 8 8 4 4 3 3 2 1 2", "a stride or a dilation, not both"),
        ("gemm 64 64 2000000", "N must be an integer from 1 to 1048576, got '2000000'"),
        ("gemm 65536 65536 1", "A would have 65536 x 65536 = 4294967296 elements, more than"),
        ("c2d 1 5 5 3 3 3 3 1 100000 1", "A_padded would have 1 x 200005 x 200005 x 3 = 1200060"),
        ("gemm 64 64 64 --target nonsense", "unknown target 'nonsense'"),
        ("gemm 64 64 64 --target \udcff", "'\\udcff' is no text"),
        ("gemm 64 64 64 --target host\0", "'host\\x00' is no text"),
    ],
)
def test_of_both_commands(
    capsys: pytest.CaptureFixture[str], command: str, arguments: str, expected: str
) -> None:
    assert expected in _complaint(capsys, f"{command} {arguments}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--trials 0", "--trials must be an integer from 1 to 1000000, got '0'"),
        ("--trials many", "--trials must be an integer from 1 to 1000000, got 'many'"),
        (f"--trials {2**64}", f"--trials must be an integer from 1 to 1000000, got '{2**64}'"),
        ("--seed -1", f"--seed must be an integer from 0 to {2**32 - 1}, got '-1'"),
        (f"--seed {2**32}", f"--seed must be an integer from 0 to {2**32 - 1}, got '{2**32}'"),
        ("--cores 0", "--cores must be an integer from 1 to 4096, got '0'"),
        ("--cores nan", "--cores must be an integer from 1 to 4096, got 'nan'"),
        (f"--work-dir {'x' * 300}", "--work-dir must be at most 255 bytes a name"),
        (f"--work-dir missing/{'x' * 300}", "--work-dir must be at most 255 bytes a name"),
        (f"--json {'x/' * 2000}", "--json must be at most 255 bytes a name and 3800 in all"),
        (
            f"--work-dir {__file__}/in",
            "--work-dir must be a path that can be used (Not a directory)",
        ),
        (f"--transfer {__file__}/in", "--transfer must be a path that can be used"),
        ("--preset huge", "unknown --preset 'huge'"),
        ("--trial 3", "unrecognized arguments: --trial 3 (see `heron-ms tune gemm --help`)"),
        ("--target cpu:neoverse-n1", "target cpu:neoverse-n1 is not this CPU"),
        (
            "--target vta --dtype f32",
            "nothing of gemm-64x64x64-kn-f32 maps to pynq: block C: dtype (no intrinsic of this "
            "machine takes float32 x float32",
        ),
        ("--work-dir /proc/none", "directory /proc/none cannot be made (No such file"),
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
    def nothing() -> Any:
        raise TargetError("target dlboost: this CPU has no avx512vnni")

    monkeypatch.setitem(catalogue._RUNNING, "dlboost", nothing)
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


def test_no_command_is_offered_that_nobody_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert "explain-model" not in _complaint(capsys, "tuna")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (f"--suite dlboost --work-dir {__file__}", "is a file: name a directory"),
        ("--suite dlbost", "unknown --suite 'dlbost': choose from dlboost, tensorcore, f32"),
        ("--suite dlboost --only conv", "--only 'conv' is in no name of suite dlboost, such as"),
        ("--suite dlboost gemm 64 64 64", "--suite and --only take no operator"),
        ("--only gemm gemm 64 64 64", "--suite and --only take no operator"),
        ("--only gemm", "required: operator or --suite"),
        ("--trials 0 gemm 64 64 64", "--trials must be an integer from 1 to 1000000, got '0'"),
        ("--trials 0 --suite f32 --target host", "--trials must be an integer from 1 to 1000000"),
    ],
)
def test_of_a_suite(capsys: pytest.CaptureFixture[str], arguments: str, expected: str) -> None:
    assert expected in _complaint(capsys, f"tune {arguments}")


def test_too_many_cores(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--cores 4096 is more" in _complaint(capsys, "tune gemm 64 64 64 --cores 4096")


@pytest.mark.parametrize("option", ["--work-dir", "--json", "--transfer"])
def test_no_name_at_all(capsys: pytest.CaptureFixture[str], option: str) -> None:
    err = _complaint(capsys, "tune gemm 64 64 64", option, "")
    assert f"{option} must be the name of a file or a folder, got ''" in err


def test_a_name_of_two_lines_is_told_in_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "two\nlines").mkdir()
    line = f"tune gemm 16 16 16 --work-dir {tmp_path / 'work'}"
    assert "two lines is a directory" in _complaint(
        capsys, line, "--json", str(tmp_path / "two\nlines")
    )


def test_more_than_there_is_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("heron_ms.cli.process.memory._free", lambda: 10 * 2**30)
    line = f"tune gemm 32768 16 32768 --work-dir {tmp_path / 'work'}"
    err = _complaint(capsys, line)
    assert "gemm-32768x16x32768-kn-u8s8 takes about 40.0 GiB of memory" in err
    assert "10.0 GiB are free here" in err
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("Traceback\nInternalError: std::bad_alloc")]
)
def test_more_than_the_system_gives(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def exhausted(*arguments: Any) -> Any:
        raise error

    monkeypatch.setattr("heron_ms.cli.explain.command.rows", exhausted)
    assert "not enough memory: choose smaller sizes" in _complaint(capsys, "explain gemm 8 8 8")


def test_work_dir_is_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    err = _complaint(capsys, "tune gemm 16 16 16 --work-dir", str(file))
    assert f"the work directory {file} is a file" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_work_dir_is_unreadable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tmp_path.chmod(0)
    err = _complaint(capsys, "tune gemm 16 16 16 --work-dir", str(tmp_path))
    tmp_path.chmod(0o700)
    assert "cannot be read and written" in err


def test_unreadable_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "database_tuning_record.json"
    file.mkdir()
    err = _complaint(capsys, "tune gemm 16 16 16 --work-dir", str(tmp_path))
    assert f"{file} cannot be read (Is a directory)" in err


def test_a_model_that_is_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text('{"format": "another"}')
    err = _complaint(capsys, "tune gemm 16 16 16 --transfer", str(file))
    assert f"{file} is no transferred model: its format is 'another'" in err


def test_no_place_for_the_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    work, missing = tmp_path / "work", tmp_path / "missing"
    line = f"tune gemm 16 16 16 --work-dir {work} --json {missing / 'result.json'}"
    assert f"the directory {missing} does not exist" in _complaint(capsys, line)
    line = f"tune gemm 16 16 16 --work-dir {work} --json {tmp_path}"
    assert "is a directory" in _complaint(capsys, line)
    assert not work.exists()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("99", "takes a number from 0 to"),
        ("-1", "must be an integer from 0 to 9999, got '-1'; or all"),
        ("first", "must be an integer from 0 to 9999, got 'first'; or all"),
        ("9" * 5000, "must be an integer from 0 to 9999"),
    ],
)
def test_no_such_sketch(capsys: pytest.CaptureFixture[str], number: str, expected: str) -> None:
    line = f"explain gemm 16 16 16 --target cascadelake --sketch {number}"
    assert f"--sketch {expected}" in _complaint(capsys, line)


def test_unsatisfiable_space(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from heron_ms.constraints import constrain
    from heron_ms.csp import Le
    from heron_ms.search import strategy

    def impossible(*arguments: Any) -> Any:
        found = constrain(*arguments)
        problem = found.problem.with_constraints(Le("C.registers.bytes", 10, rule="C5"))
        return dataclasses.replace(found, problem=problem)

    monkeypatch.setattr(strategy, "constrain", impossible)
    status = main(["tune", "gemm", "16", "64", "16", "--trials", "2", "--work-dir", str(tmp_path)])
    last = capsys.readouterr().out.splitlines()[-1]
    assert status == 1
    assert last.startswith("FAIL: task main is left as it is: no program in its space (no assign")
    assert "C.registers.bytes <= 10" in last
