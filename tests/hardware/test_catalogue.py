"""The described machines, and names that describe none."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import (
    Cpu,
    catalogue,
    cpu_named,
    host,
    intrinsics_of,
    known_machines,
    load,
    machine,
)
from heron_ms.hardware.catalogue import KINDS
from heron_ms.hardware.cpu import host as cpu_host

ARM = ("neoverse-n1", "neoverse-v1")
X86 = (
    "alderlake",
    "cascadelake",
    "haswell",
    "sapphirerapids",
    "emeraldrapids",
    "graniterapids",
    "skylake-avx512",
    "znver4",
)
DESCRIBED = (*X86, *ARM)


def test_known_names() -> None:
    assert known_machines("cpu") == tuple(sorted(DESCRIBED))
    assert known_machines()[:2] == ("host", "dlboost")
    assert {name for kind in KINDS for name in known_machines(kind)} == set(known_machines()[2:])


def test_what_is_only_described_is_not_compiled_for() -> None:
    eyeriss = machine("eyeriss")
    assert eyeriss.here() == "is a description"
    with pytest.raises(TargetError, match="nothing compiles for machine 'eyeriss'"):
        eyeriss.target()


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_described_machine(name: str) -> None:
    found = cpu_named(name)
    assert found.name == found.mcpu == name
    assert found.vector_bytes * found.vector_registers in (512, 2048)
    assert [level.name for level in found.hierarchy] == ["registers", "L1", "L2", "L3"]
    tiles = [memory.capacity for memory in found.memories if memory not in found.hierarchy]
    assert tiles == ([8192] if found.has("amx-tile") else [])
    assert found.intrinsics == intrinsics_of(found.features) != ()
    assert found.mtriple == ("aarch64-linux-gnu" if name in ARM else "")
    assert all(level.source for level in found.memories)


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
    names = cpu_named(name).intrinsics
    assert next(name for name in names if ".u8s8s32." in name) == bytes_first
    assert next(name for name in names if ".f32f32f32." in name) == floats_first


@pytest.mark.parametrize("name", DESCRIBED)
def test_its_features_are_those_of_llvm(name: str) -> None:
    from tvm.target import Target
    from tvm.target.codegen import llvm_get_cpu_features

    found = cpu_named(name)
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
    monkeypatch.setattr(cpu_host, "host", lambda: here)
    assert machine("dlboost") is here


def test_dlboost_without_the_instruction_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    here = host().with_features({"avx2"})
    monkeypatch.setattr(cpu_host, "host", lambda: here)
    with pytest.raises(TargetError, match="no avx512vnni.*--target cascadelake"):
        machine("dlboost")


def _write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def _text() -> str:
    return (Path(catalogue.__file__).parent / "data" / "cpu" / "znver4.toml").read_text()


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    found = load(_write(tmp_path, _text().replace('name = "znver4"', 'name = "mine"')))
    assert isinstance(found, Cpu)
    assert (found.name, found.mcpu) == ("mine", "znver4")


def test_a_file_may_list_intrinsics_of_ones_own(tmp_path: Path) -> None:
    listed = 'intrinsics = ["mine.u8s8s32.32x4", "vnni.u8s8s32.16x4"]\nmcpu'
    found = load(_write(tmp_path, _text().replace("mcpu", listed, 1)))
    assert found.intrinsics == ("mine.u8s8s32.32x4", "vnni.u8s8s32.16x4")


def test_a_file_that_lists_what_the_cpu_lacks(tmp_path: Path) -> None:
    listed = 'intrinsics = ["avxvnni.u8s8s32.8x4"]\nmcpu'
    with pytest.raises(TargetError, match="avxvnni.u8s8s32.8x4 needs the feature avxvnni"):
        load(_write(tmp_path, _text().replace("mcpu", listed, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("count = 96", "count =", "mine.toml describes no machine"),
        ('mcpu = "znver4"', "", "mine.toml describes no machine: .*there is no field mcpu"),
        (
            "count = 96",
            "count = 96\nsocket = 2",
            "unknown field socket: use binding, count",
        ),
        ("vector_bytes", "vectorbytes", "unknown field vectorbytes: use features, intrinsics, lim"),
        ("count = 96", "count = 0", "count is 0"),
        ("[[memories]]", "[[levels]]", "mine.toml describes no machine: .*unknown field levels"),
        ('kind = "cpu"', 'kind = "abacus"', "no kind of machine is 'abacus'; known are cpu"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(TargetError, match=message) as caught:
        load(_write(tmp_path, _text().replace(old, new)))
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no file .*none.toml"):
        load(tmp_path / "none.toml")


def test_every_file_is_installed() -> None:
    """What a wheel holds beside code is said in pyproject.toml, by patterns."""
    repository, package = Path(__file__).parents[2], Path(catalogue.__file__).parent
    project = catalogue.read(repository / "pyproject.toml")
    patterns = project["tool"]["setuptools"]["package-data"]["heron_ms.hardware"]
    installed = {file for pattern in patterns for file in package.glob(pattern)}
    assert installed == set(package.rglob("*.toml"))
