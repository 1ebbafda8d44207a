"""`heron-ms compile` for a machine that is not this one, and objects that are linked elsewhere."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tarfile
from pathlib import Path

import pytest

from heron_ms.cli import main

AARCH64 = 183
"""What an ELF file says of its machine."""


def _compile(net: Path, output: Path, *more: str) -> int:
    words = ["compile", str(net), "--shape", "x=4x12", "--cores", "1", "-o", str(output)]
    return main([*words, *more])


def test_objects_for_an_arm_cpu(
    net: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _compile(net, tmp_path / "net.tar", "--target", "neoverse-v1") == 0
    assert "0 of 2 functions with a record" in capsys.readouterr().out
    with tarfile.open(tmp_path / "net.tar") as archive:
        heads = [archive.extractfile(member).read(20) for member in archive]  # type: ignore[union-attr]
    assert len(heads) > 1
    assert all(head[:4] == b"\x7fELF" and _machine(head) == AARCH64 for head in heads)


def _machine(head: bytes) -> int:
    return int(struct.unpack_from("<H", head, 18)[0])


@pytest.mark.skipif(
    shutil.which("aarch64-linux-gnu-g++") is not None, reason="a cross compiler is here"
)
def test_without_a_cross_compiler(
    net: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _compile(net, tmp_path / "net.so", "--target", "neoverse-v1") == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert "nothing here links" in line and "install aarch64-linux-gnu-g++" in line
    assert _compile(net, tmp_path / "net.so", "--target", "neoverse-v1", "--cc", "no-such") == 2
    assert "there is no compiler no-such" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_compiler_of_another_platform(
    net: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _compile(net, tmp_path / "net.so", "--target", "neoverse-v1", "--cc", "g++") == 2
    assert f"{tmp_path / 'net.so'} cannot be written: " in capsys.readouterr().err


def test_objects_are_linked_as_the_error_says(net: Path, tmp_path: Path) -> None:
    assert _compile(net, tmp_path / "net.tar") == 0
    command = "mkdir objects && tar -C objects -xf net.tar && g++ -shared -o net.so objects/*.o"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert main(["run", str(tmp_path / "net.so"), "--check", str(net), "--repeat", "1"]) == 0
