"""What a CPU is beside a machine: vector registers, features, and LLVM's name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from heron_ms.errors import TargetError
from heron_ms.hardware.checks import positive
from heron_ms.hardware.cpu.isa import INTRINSIC_FEATURES, intrinsics_of
from heron_ms.hardware.description import CORE, Machine
from heron_ms.hardware.memory import GLOBAL, Memory
from heron_ms.hardware.structure import UNROLL, Level, Structure, Tiling

REGISTERS, TILES = "registers", "tile registers"

TILE_SCOPE = "amx.tmm"
"""TVM's scope of the tile registers of x86."""

TILING: Structure = (
    Level("S", "parallel", may_hold="AB"),
    Level("S", holds={"C": REGISTERS}, may_hold="A"),
    Level("R", may_hold="AB"),
    Level("S"),
    Level("R"),
    Level("S", UNROLL),
)
"""Heron's structure for DL Boost: tasks, accumulator tiles, chunks of the reduction, register
tiles, the walk through a chunk, and the register tile itself."""

TILE_TILING: Structure = (
    Level("S", "parallel", may_hold="AB"),
    Level("S", holds={"C": TILES}, may_hold="A"),
    Level("R"),
    Level("S", UNROLL),
)
"""For tile registers, which hold their sums over the whole reduction: tasks, the walk through a
task, the reduction, and the tiles that are held."""


def tiles_of(features: Collection[str]) -> tuple[Memory, ...]:
    """The tile registers that these LLVM features imply, if any."""
    source = "Intel SDM vol. 1 (253665), AMX: palette 1, tmm0 to tmm7 of 16 rows of 64 bytes"
    return (Memory(TILES, TILE_SCOPE, 8192, 1024, 1, source),) if "amx-tile" in features else ()


@dataclass(frozen=True, kw_only=True)
class Cpu(Machine):
    """A CPU with its vector registers, caches and the intrinsics it executes.

    mcpu: how LLVM names it. features: LLVM's names, such as "avx512vnni".
    vector_bytes, vector_registers: width and number of the architectural vector registers.
    memories: from the registers outwards; behind them, tile registers where it has them.
    units: the physical cores.
    mtriple: LLVM's name of the platform, such as "aarch64-linux-gnu"; "" for that of this process.

    Raises `TargetError` if the description contradicts itself.
    """

    kind: ClassVar[str] = "cpu"

    mcpu: str
    features: frozenset[str]
    vector_bytes: int
    vector_registers: int
    mtriple: str = ""
    structure: Structure = field(default=TILING)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.demand(bool(self.mcpu), "mcpu is empty")
        for name in ("vector_bytes", "vector_registers"):
            positive(getattr(self, name), f"machine {self.name!r}: {name}")
        self.demand([unit.name for unit in self.units] == [CORE], f"the one unit is {CORE!r}")
        self._check_memories()
        self._check_intrinsics()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Cpu:
        """As any machine; without ``intrinsics`` it has the known ones that its features allow."""
        features = frozenset(given.get("features", ()))
        known = {"intrinsics": intrinsics_of(features)}
        return super().of({**known, **given, "features": features})

    def _check_memories(self) -> None:
        names = [memory.name for memory in self.memories]
        self.demand(names[:1] == [REGISTERS], f"the first memory must be {REGISTERS!r}")
        registers, expected = self.memories[0], self.vector_bytes * self.vector_registers
        self.demand(
            registers.capacity == expected,
            f"the registers hold {registers.capacity} bytes, but {self.vector_registers} of "
            f"{self.vector_bytes} bytes are {expected}",
        )
        sizes = [memory.capacity for memory in self.hierarchy]
        self.demand(sizes == sorted(sizes), f"memories shrink outwards: {sizes} bytes")

    def _check_intrinsics(self) -> None:
        for name in self.intrinsics:
            missing = INTRINSIC_FEATURES.get(name, frozenset()) - self.features
            self.demand(
                not missing,
                f"intrinsic {name} needs the feature {', '.join(sorted(missing))}",
            )

    def has(self, feature: str) -> bool:
        """Whether the CPU has a feature, by LLVM's name."""
        return feature in self.features

    def require(self, feature: str) -> None:
        """Raises `TargetError` unless the CPU has the feature."""
        if not self.has(feature):
            raise TargetError(f"machine {self.name!r} (mcpu {self.mcpu}) has no {feature}")

    @property
    def hierarchy(self) -> tuple[Memory, ...]:
        """The vector registers and the caches, outwards: what data comes through by itself."""
        return tuple(memory for memory in self.memories if memory.scope == GLOBAL)

    def tiling(self, accumulators: str) -> Tiling:
        """By `TILE_TILING` where tile registers accumulate."""
        tiles = self.memory_at(accumulators)
        if tiles is None:
            return super().tiling(accumulators)
        most = tiles.capacity // tiles.line
        return Tiling(TILE_TILING, most, most, panel=self.share("L1"))

    @property
    def saturates(self) -> bool:
        """Whether its quickest product of u8 and s8 adds two of them in 16 bits: VPMADDUBSW.

        That is what x86-64 has without VNNI. Our kernels widen the bytes first.
        """
        return self.has("avx2") and not (self.has("avx512vnni") or self.has("avxvnni"))

    def keeps(self, dtype: str) -> bool:
        """All but bfloat16, of which TVM 0.27 makes float32."""
        return dtype != "bfloat16"

    @property
    def tallest(self) -> int:
        """Rows of a register tile at most: a vector of the weight and one of the data beside."""
        return self.vector_registers - 2

    @property
    def widest(self) -> int:
        """Tiles of lanes in a register tile at most: two rows of them beside the weight."""
        return self.tallest // 2

    @property
    def model(self) -> str:
        """LLVM's name of it."""
        return self.mcpu

    @property
    def summary(self) -> str:
        """LLVM's name of it and its cores."""
        return f"mcpu {self.mcpu}, {self.cores} cores"

    @property
    def facts(self) -> dict[str, str | int]:
        """LLVM's name of it and its cores, by name."""
        return {"mcpu": self.mcpu, "cores": self.cores}

    def target(self, num_cores: int | None = None) -> dict[str, Any]:
        """The TVM target, as the dict that `tvm.target.Target` takes; all cores unless told."""
        cores = self.cores if num_cores is None else num_cores
        self.demand(cores > 0, f"a target needs at least one core, not {cores}")
        triple = {"mtriple": self.mtriple} if self.mtriple else {}
        return {"kind": "llvm", "mcpu": self.mcpu, "num-cores": cores, **triple}

    def here(self) -> str | None:
        """Why nothing can be measured on it here; None where this is such a CPU."""
        from heron_ms.hardware.cpu.host import host

        this = host()
        return None if self.mcpu == this.mcpu else f"is not this CPU ({this.mcpu})"

    def with_features(self, features: Iterable[str]) -> Cpu:
        """The same CPU with other features, and the known intrinsics that these allow."""
        features = frozenset(features)
        own = tuple(name for name in self.intrinsics if name not in INTRINSIC_FEATURES)
        memories = (*self.hierarchy, *tiles_of(features))
        return replace(
            self, features=features, memories=memories, intrinsics=own + intrinsics_of(features)
        )
