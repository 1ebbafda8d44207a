"""Cores and caches as Linux reports them under /sys/devices/system/cpu."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from heron_ms.hardware.memory import Memory

_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3}


@dataclass(frozen=True)
class Topology:
    """A view of sysfs; `root` is /sys/devices/system/cpu or, in a test, a copy of it."""

    root: Path

    def read(self, cpu: int, path: str) -> str:
        """The text of a file of one logical processor, "" where there is none."""
        try:
            return (self.root / f"cpu{cpu}" / path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def one_of_each_core(self, cpus: Iterable[int]) -> tuple[int, ...]:
        """The lowest of these logical processors on each physical core; unknown ones all."""
        lowest: dict[tuple[str, ...], int] = {}
        for cpu in sorted(cpus):
            lowest.setdefault(self._core(cpu), cpu)
        return tuple(lowest.values())

    def _core(self, cpu: int) -> tuple[str, ...]:
        fields = ("die_id", "cluster_id", "core_id")
        package = self.read(cpu, "topology/physical_package_id")
        if not package or not self.read(cpu, "topology/core_id"):
            return (f"cpu{cpu}",)
        return (package, *(self.read(cpu, f"topology/{field}") for field in fields))


def parse_cpu_list(text: str) -> set[int]:
    """The processors in a list such as "0-3,8", which is how Linux writes sets of them."""
    cpus: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first:
            cpus.update(range(int(first), int(last or first) + 1))
    return cpus


def parse_size(text: str) -> int:
    """Bytes in a size such as "32K"; 0 where it says nothing."""
    number = text.rstrip("KMG")
    if not number.isdigit():
        return 0
    return int(number) * _UNITS.get(text[len(number) :], 1)


def reported_caches(topology: Topology, cpu: int, line: int) -> dict[str, Memory]:
    """The data caches seen from a logical processor, by name; `line` where no line size is told."""
    caches: dict[str, Memory] = {}
    for index in range(10):
        where = f"cache/index{index}"
        if topology.read(cpu, f"{where}/type") not in ("Data", "Unified"):
            continue
        level = _cache(topology, cpu, where, line)
        if level is not None:
            caches[level.name] = level
    return caches


def _cache(topology: Topology, cpu: int, where: str, line: int) -> Memory | None:
    level, size = topology.read(cpu, f"{where}/level"), topology.read(cpu, f"{where}/size")
    capacity = parse_size(size)
    line = parse_size(topology.read(cpu, f"{where}/coherency_line_size")) or line
    if not level or not capacity or capacity % line:
        return None
    sharers = parse_cpu_list(topology.read(cpu, f"{where}/shared_cpu_list")) or {cpu}
    source = f"sysfs cpu{cpu}/{where}: {size}"
    cores = len(topology.one_of_each_core(sharers))
    return Memory(f"L{level}", "global", capacity, line, cores, source)
