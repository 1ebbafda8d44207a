"""Programs for another platform: objects where nothing here links them, else what the linker makes.

Nothing of it is run.
"""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.hardware import resolve
from heron_ms.measure.cpu.linking import exporting
from heron_ms.workloads import Gemm

BOARD = "cortex-a76"
AARCH64 = 183
"""What the header of an ELF file calls that machine."""


@pytest.fixture
def target() -> Target:
    return Target(resolve(BOARD).with_cores(4).target())


@pytest.fixture
def compiled(target: Target) -> Any:
    return tvm_compile(IRModule({"main": Gemm(16, 16, 16).prim_func()}), target=target)


def machine_of(elf: bytes) -> int:
    assert elf[:4] == b"\x7fELF"
    return int.from_bytes(elf[18:20], "little")


def test_a_board_is_named_by_its_cpu() -> None:
    described = resolve(BOARD)
    assert described.target()["mtriple"] == "aarch64-linux-gnu"
    assert "dotprod.s8s8s32.4x4" in described.intrinsics


def test_objects_are_sent_where_nothing_links_them(
    target: Target, compiled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    file = exporting()(compiled, target, tmp_path / "program")
    assert file.name == "program.tar"
    with tarfile.open(file) as archive:
        objects = [archive.extractfile(member) for member in archive if member.isfile()]
        machines = {machine_of(found.read()) for found in objects if found is not None}
    assert machines == {AARCH64}


def test_a_cross_compiler_links(
    target: Target, compiled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linker = tmp_path / "aarch64-linux-gnu-g++"
    linker.write_text(
        '#!/bin/sh\nwhile [ $# -gt 0 ]; do case "$1" in\n'
        '-o) out="$2"; shift;; *.o) objects="$objects $1";;\nesac; shift; done\n'
        'cat $objects > "$out"\n'
    )
    linker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    file = exporting()(compiled, target, tmp_path / "program")
    assert file.name == "program.so"
    assert machine_of(file.read_bytes()) == AARCH64
