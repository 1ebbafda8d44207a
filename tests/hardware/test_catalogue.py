"""The described machines, and names that describe none."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import Machine, catalogue, host, known_machines, load, machine

DESCRIBED = ("cascadelake", "sapphirerapids", "znver4")


def test_known_names() -> None:
    assert known_machines() == ("host", "dlboost", *DESCRIBED)


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_described_machine(name: str) -> None:
    found = machine(name)
    assert found.name == found.mcpu == name
    assert found.vector_bytes * found.vector_registers == 2048
    assert [level.name for level in found.levels] == ["registers", "L1", "L2", "L3"]
    assert found.intrinsics == ("vnni.u8s8s32.16x4", "vnni.s8s8s32.16x4")
    assert all(level.source for level in found.levels)


@pytest.mark.parametrize("name", DESCRIBED)
def test_its_features_are_those_of_llvm(name: str) -> None:
    from tvm.target import Target
    from tvm.target.codegen import llvm_get_cpu_features

    found = machine(name)
    assert found.features <= set(llvm_get_cpu_features(Target(found.target())))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(TargetError, match="unknown machine 'pentium'; known are host, dlboost, c"):
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
