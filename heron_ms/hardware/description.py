"""What heron_ms knows of a machine, as frozen data that checks itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from heron_ms.errors import TargetError
from heron_ms.hardware.isa import INTRINSIC_FEATURES, intrinsics_of

__all__ = ["INTRINSIC_FEATURES", "REGISTERS", "Machine", "MemoryLevel", "intrinsics_of"]

REGISTERS = "registers"


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise TargetError(message)


@dataclass(frozen=True)
class MemoryLevel:
    """One level of the memory hierarchy; on a CPU the vector register file is the first of them.

    name: "registers", "L1", "L2", "L3" on a CPU.
    scope: the TVM storage scope of a buffer kept there; "global" for everything on a CPU.
    capacity: bytes of data that one instance of the level holds.
    line: bytes moved at a time; the width of a vector for registers.
    shared_by: physical cores that share one instance.
    source: where the numbers come from.

    Raises TargetError if a number is not positive or the capacity is not a whole number of lines.
    """

    name: str
    scope: str
    capacity: int
    line: int
    shared_by: int
    source: str

    def __post_init__(self) -> None:
        for field in ("name", "scope", "source"):
            _demand(bool(getattr(self, field)), f"memory level {self.name!r}: {field} is empty")
        for field in ("capacity", "line", "shared_by"):
            value = getattr(self, field)
            _demand(
                type(value) is int and value > 0,
                f"memory level {self.name!r}: {field} is {value!r}, not an integer above zero",
            )
        _demand(
            self.capacity % self.line == 0,
            f"memory level {self.name!r}: {self.capacity} bytes are not whole lines of {self.line}",
        )


@dataclass(frozen=True)
class Machine:
    """A CPU with its vector registers, memory levels and the intrinsics it executes.

    name: how a user names it; mcpu: how LLVM does.
    cores: physical cores.
    features: LLVM's names, such as "avx512vnni".
    vector_bytes, vector_registers: width and number of the architectural vector registers.
    levels: from the registers outwards.
    intrinsics: names of tensor intrinsics, for the same operands the fastest first.
    source: where the numbers come from that no level carries.
    mtriple: LLVM's name of the platform, such as "aarch64-linux-gnu"; "" for that of this process.

    Raises TargetError if the description contradicts itself.
    """

    name: str
    mcpu: str
    cores: int
    features: frozenset[str]
    vector_bytes: int
    vector_registers: int
    levels: tuple[MemoryLevel, ...]
    intrinsics: tuple[str, ...]
    source: str
    mtriple: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "mcpu", "source"):
            self._demand(bool(getattr(self, field)), f"{field} is empty")
        for field in ("cores", "vector_bytes", "vector_registers"):
            value = getattr(self, field)
            self._demand(
                type(value) is int and value > 0,
                f"{field} is {value!r}, not an integer above zero",
            )
        self._check_levels()
        self._check_intrinsics()

    def _demand(self, holds: bool, message: str) -> None:
        _demand(holds, f"machine {self.name!r}: {message}")

    def _check_levels(self) -> None:
        names = [level.name for level in self.levels]
        self._demand(names[:1] == [REGISTERS], f"the first level must be {REGISTERS!r}")
        self._demand(len(set(names)) == len(names), f"levels named twice in {names}")
        registers, expected = self.levels[0], self.vector_bytes * self.vector_registers
        self._demand(
            registers.capacity == expected,
            f"the registers hold {registers.capacity} bytes, but {self.vector_registers} of "
            f"{self.vector_bytes} bytes are {expected}",
        )
        sizes = [level.capacity for level in self.levels]
        self._demand(sizes == sorted(sizes), f"levels shrink outwards: {sizes} bytes")

    def _check_intrinsics(self) -> None:
        for name in self.intrinsics:
            missing = INTRINSIC_FEATURES.get(name, frozenset()) - self.features
            self._demand(
                not missing,
                f"intrinsic {name} needs the feature {', '.join(sorted(missing))}",
            )

    def level(self, name: str) -> MemoryLevel:
        """The memory level of that name; TargetError, listing the levels, if there is none."""
        for level in self.levels:
            if level.name == name:
                return level
        known = ", ".join(level.name for level in self.levels)
        raise TargetError(f"machine {self.name!r} has no memory level {name!r}, only {known}")

    def share(self, name: str) -> int:
        """Bytes of a level that one core can count on while all cores of this machine work."""
        level = self.level(name)
        return level.capacity // min(level.shared_by, self.cores)

    def has(self, feature: str) -> bool:
        """Whether the machine has a feature, by LLVM's name."""
        return feature in self.features

    def require(self, feature: str) -> None:
        """Raises TargetError unless the machine has the feature."""
        if not self.has(feature):
            raise TargetError(f"machine {self.name!r} (mcpu {self.mcpu}) has no {feature}")

    def target(self, num_cores: int | None = None) -> dict[str, str | int]:
        """The TVM target, as the dict that `tvm.target.Target` takes; all cores unless told."""
        cores = self.cores if num_cores is None else num_cores
        self._demand(cores > 0, f"a target needs at least one core, not {cores}")
        triple = {"mtriple": self.mtriple} if self.mtriple else {}
        return {"kind": "llvm", "mcpu": self.mcpu, "num-cores": cores, **triple}

    def with_cores(self, cores: int) -> Machine:
        """The same machine, of which a program uses that many cores."""
        return replace(self, cores=cores)

    def with_features(self, features: Iterable[str]) -> Machine:
        """The same machine with other features, and the known intrinsics that these allow."""
        features = frozenset(features)
        own = tuple(name for name in self.intrinsics if name not in INTRINSIC_FEATURES)
        return replace(self, features=features, intrinsics=own + intrinsics_of(features))
