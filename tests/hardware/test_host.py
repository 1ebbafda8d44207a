"""The running CPU, and imitations of others in a folder laid out like sysfs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heron_ms.hardware import host, physical_cpus
from heron_ms.hardware.cpu.generic import registers_of
from heron_ms.hardware.cpu.host import caches_of, features_of
from heron_ms.hardware.cpu.sysfs import Topology, parse_cpu_list, parse_size

REGISTERS, _ = registers_of({"avx512f"})


def _cpu(root: Path, cpu: int, core: int, package: int = 0) -> None:
    folder = root / f"cpu{cpu}" / "topology"
    folder.mkdir(parents=True)
    (folder / "core_id").write_text(f"{core}\n")
    (folder / "physical_package_id").write_text(f"{package}\n")


def _cache(root: Path, index: int, level: int, kind: str, size: str, shared: str) -> None:
    folder = root / "cpu0" / "cache" / f"index{index}"
    folder.mkdir(parents=True)
    texts = {"level": level, "type": kind, "size": size, "shared_cpu_list": shared}
    for name, text in {**texts, "coherency_line_size": 64}.items():
        (folder / name).write_text(f"{text}\n")


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """Two cores of two threads each; processors 0 and 2 are one core."""
    for cpu in range(4):
        _cpu(tmp_path, cpu, core=cpu % 2)
    _cache(tmp_path, 0, 1, "Data", "48K", "0,2")
    _cache(tmp_path, 1, 1, "Instruction", "32K", "0,2")
    _cache(tmp_path, 2, 2, "Unified", "2M", "0,2")
    _cache(tmp_path, 3, 3, "Unified", "33792K", "0-3")
    return tmp_path


def test_flags_get_the_names_of_llvm() -> None:
    text = (
        "processor\t: 0\nflags\t\t: fma avx512_vnni avx_vnni amx_int8 sse4_1 avx512vl\nbugs\t: x\n"
    )
    expected = {"fma", "avx512vnni", "avxvnni", "amx-int8", "sse4.1", "avx512vl"}
    assert features_of(text) == expected


def test_flags_of_an_arm_cpu() -> None:
    assert features_of("Features\t: fp asimd asimddp\n") == {"fp", "neon", "dotprod"}


def test_no_cpuinfo_no_features() -> None:
    assert features_of("") == frozenset()


@pytest.mark.parametrize(
    ("text", "cpus"), [("0-3,8", {0, 1, 2, 3, 8}), ("5", {5}), ("", set()), ("0,2", {0, 2})]
)
def test_cpu_lists(text: str, cpus: set[int]) -> None:
    assert parse_cpu_list(text) == cpus


@pytest.mark.parametrize(
    ("text", "size"), [("32K", 32768), ("1M", 1 << 20), ("64", 64), ("", 0), ("big", 0)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_threads_of_one_core_count_once(sysfs: Path) -> None:
    topology = Topology(sysfs)
    assert topology.one_of_each_core(range(4)) == (0, 1)
    assert topology.one_of_each_core([2, 3]) == (2, 3)
    assert topology.one_of_each_core([0, 2]) == (0,)


def test_processors_without_topology_count_each(tmp_path: Path) -> None:
    assert Topology(tmp_path).one_of_each_core([3, 1]) == (1, 3)


def test_data_caches_are_read(sysfs: Path) -> None:
    first, second, third = caches_of(Topology(sysfs), 0, REGISTERS)
    assert (first.name, first.capacity, first.shared_by) == ("L1", 48 * 1024, 1)
    assert (second.name, second.capacity, second.shared_by) == ("L2", 2 << 20, 1)
    assert (third.name, third.capacity, third.shared_by) == ("L3", 33792 * 1024, 2)
    assert first.source == "sysfs cpu0/cache/index0: 48K"


def test_missing_caches_are_assumed_and_say_so(tmp_path: Path) -> None:
    levels = caches_of(Topology(tmp_path), 0, REGISTERS)
    assert [level.name for level in levels] == ["L1", "L2", "L3"]
    assert all(level.source.startswith("assumed") for level in levels)


def test_an_assumed_cache_is_no_smaller_than_the_one_inside(tmp_path: Path) -> None:
    _cache(tmp_path, 0, 2, "Unified", "4M", "0")
    first, second, third = caches_of(Topology(tmp_path), 0, REGISTERS)
    assert first.capacity < second.capacity == third.capacity == 4 << 20


def test_an_absurd_cache_is_replaced(tmp_path: Path) -> None:
    _cache(tmp_path, 0, 1, "Data", "1K", "0")
    assert caches_of(Topology(tmp_path), 0, REGISTERS)[0].source.startswith("assumed")


def test_the_host_is_described_once() -> None:
    here = host()
    assert here is host()
    assert here.name == "host"
    assert here.cores == len(physical_cpus())
    assert [level.name for level in here.hierarchy] == ["registers", "L1", "L2", "L3"]


def test_the_host_is_what_llvm_says() -> None:
    from tvm.target.codegen import llvm_get_system_cpu

    assert host().mcpu == llvm_get_system_cpu()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no processor affinity here")
def test_cores_honour_the_affinity() -> None:
    cpu = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, [{cpu}])\n"
        "from heron_ms.hardware import host, physical_cpus\n"
        f"assert (host().cores, physical_cpus()) == (1, ({cpu},))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_tvm_the_features_name_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    from heron_ms.hardware.cpu.host import _mcpu

    monkeypatch.setitem(sys.modules, "tvm.target.codegen", None)
    assert _mcpu({"avx2", "avx512bw", "avx512vnni"}) == "cascadelake"
    assert _mcpu({"avx2"}) == "haswell"
    assert _mcpu(set()) == "generic"
