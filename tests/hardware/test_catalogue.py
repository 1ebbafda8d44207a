"""The described machines, and names that describe none."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import (
    Machine,
    catalogue,
    host,
    intrinsics_of,
    known_machines,
    load,
    machine,
)

ARM = ("neoverse-n1", "neoverse-v1")
X86 = ("alderlake", "cascadelake", "haswell", "sapphirerapids", "skylake-avx512", "znver4")
DESCRIBED = (*X86, *ARM)


def test_known_names() -> None:
    assert known_machines() == ("host", "dlboost", *sorted(DESCRIBED))


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_described_machine(name: str) -> None:
    found = machine(name)
    assert found.name == found.mcpu == name
    assert found.vector_bytes * found.vector_registers in (512, 2048)
    assert [level.name for level in found.levels] == ["registers", "L1", "L2", "L3"]
    assert found.intrinsics == intrinsics_of(found.features) != ()
    assert found.mtriple == ("aarch64-linux-gnu" if name in ARM else "")
    assert all(level.source for level in found.levels)


@pytest.mark.parametrize(
    ("name", "bytes_first", "floats_first"),
    [
        ("cascadelake", "vnni.u8s8s32.16x4", "avx512f.f32f32f32.16x1"),
        ("skylake-avx512", "avx512bw.u8s8s32.16x4", "avx512f.f32f32f32.16x1"),
        ("alderlake", "avxvnni.u8s8s32.8x4", "fma.f32f32f32.8x1"),
        ("haswell", "avx2.u8s8s32.8x4", "fma.f32f32f32.8x1"),
        ("neoverse-v1", "i8mm.u8s8s32.2x2x8", "neon.f32f32f32.4x1"),
    ],
)
def test_the_fastest_intrinsic_comes_first(name: str, bytes_first: str, floats_first: str) -> None:
    names = machine(name).intrinsics
    assert next(each for each in names if ".u8s8s32." in each) == bytes_first
    assert next(each for each in names if ".f32f32f32." in each) == floats_first


@pytest.mark.parametrize("name", DESCRIBED)
def test_its_features_are_those_of_llvm(name: str) -> None:
    from tvm.target import Target
    from tvm.target.codegen import llvm_get_cpu_features

    found = machine(name)
    assert found.features <= set(llvm_get_cpu_features(Target(found.target())))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(TargetError, match="unknown machine 'pentium'; known are host, dlboost, a"):
        machine("pentium")


@pytest.mark.parametrize("name", ["../hardware/znver4", "", "znver4.toml"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(TargetError, match="unknown machine"):
        machine(name)


def test_dlboost_is_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    here = host().with_features({"avx512f", "avx512vnni"})
    monkeypatch.setattr(catalogue, "host", lambda: here)
    assert machine("dlboost") is here


def test_dlboost_without_the_instruction_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    here = host().with_features({"avx2"})
    monkeypatch.setattr(catalogue, "host", lambda: here)
    with pytest.raises(TargetError, match="no avx512vnni.*--target cascadelake"):
        machine("dlboost")


def _write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def _text() -> str:
    return (Path(catalogue.__file__).parent / "znver4.toml").read_text()


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    found = load(_write(tmp_path, _text().replace('name = "znver4"', 'name = "mine"')))
    assert isinstance(found, Machine)
    assert (found.name, found.mcpu) == ("mine", "znver4")


def test_a_file_may_list_intrinsics_of_ones_own(tmp_path: Path) -> None:
    listed = 'intrinsics = ["mine.u8s8s32.32x4", "vnni.u8s8s32.16x4"]\ncores = 96'
    found = load(_write(tmp_path, _text().replace("cores = 96", listed)))
    assert found.intrinsics == ("mine.u8s8s32.32x4", "vnni.u8s8s32.16x4")


def test_a_file_that_lists_what_the_cpu_lacks(tmp_path: Path) -> None:
    listed = 'intrinsics = ["avxvnni.u8s8s32.8x4"]\ncores = 96'
    with pytest.raises(TargetError, match="avxvnni.u8s8s32.8x4 needs the feature avxvnni"):
        load(_write(tmp_path, _text().replace("cores = 96", listed)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cores = 96", "cores =", "mine.toml describes no machine"),
        ("cores = 96", "", "mine.toml describes no machine: .*cores"),
        ("cores = 96", "cores = 96\nsockets = 2", "mine.toml describes no machine: .*sockets"),
        ("cores = 96", "cores = 0", "cores is 0"),
        ("[[levels]]", "[[layers]]", "mine.toml describes no machine: .*levels"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(TargetError, match=message) as caught:
        load(_write(tmp_path, _text().replace(old, new)))
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="none.toml describes no machine"):
        load(tmp_path / "none.toml")
