"""A description for a CPU that nobody described, out of its features alone.

The vector registers follow from the instruction set. The caches are assumed, and small: a space
built on them fits any current core, if it does not make the most of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from heron_ms.hardware.cpu.cpu import REGISTERS, Cpu, tiles_of
from heron_ms.hardware.cpu.isa import intrinsics_of
from heron_ms.hardware.description import CORE, Unit
from heron_ms.hardware.memory import Memory

LINE = 64
DEFAULT_CAPACITY = {"L1": 32 * 1024, "L2": 256 * 1024, "L3": 1024 * 1024}

# Feature, bytes of a vector register, number of them, source; the first that is present counts.
_VECTORS = (
    ("avx512f", 64, 32, "Intel SDM vol. 1 (253665), AVX-512: zmm0 to zmm31"),
    ("avx", 32, 16, "Intel SDM vol. 1 (253665), AVX: ymm0 to ymm15"),
    ("neon", 16, 32, "Arm Architecture Reference Manual (DDI 0487), Advanced SIMD: V0 to V31"),
)
_SMALLEST = (16, 16, "AMD64 Architecture Programmer's Manual vol. 1 (24592), SSE: xmm0 to xmm15")


def registers_of(features: Collection[str]) -> tuple[Memory, int]:
    """The vector registers that these LLVM features imply, as a level, and their number."""
    implied = (row[1:] for row in _VECTORS if row[0] in features)
    width, count, source = next(implied, _SMALLEST)
    return Memory(REGISTERS, "global", width * count, width, 1, source), count


def default_cache(name: str, inner: Memory) -> Memory:
    """An assumed private cache, at least as large as the level inside it."""
    capacity = max(DEFAULT_CAPACITY[name], inner.capacity)
    return Memory(name, "global", capacity, LINE, 1, "assumed: nothing reports this cache")


def assemble(
    name: str,
    mcpu: str,
    cores: int,
    features: Iterable[str],
    caches: Iterable[Memory],
    source: str,
    mtriple: str = "",
) -> Cpu:
    """A machine whose vector registers and intrinsics follow from its LLVM features."""
    features = frozenset(features)
    registers, count = registers_of(features)
    return Cpu(
        name=name,
        mcpu=mcpu,
        units=(Unit(CORE, cores, "parallel"),),
        features=features,
        vector_bytes=registers.line,
        vector_registers=count,
        memories=(registers, *caches, *tiles_of(features)),
        intrinsics=intrinsics_of(features),
        source=source,
        mtriple=mtriple,
    )


def generic(mcpu: str, features: Iterable[str], cores: int = 1, mtriple: str = "") -> Cpu:
    """A machine of which only LLVM's features are known; it bears the name that LLVM gives it."""
    features = frozenset(features)
    caches: list[Memory] = []
    inner, _ = registers_of(features)
    for name in DEFAULT_CAPACITY:
        inner = default_cache(name, inner)
        caches.append(inner)
    source = f"LLVM's features of {mcpu}"
    return assemble(mcpu, mcpu, cores, features, caches, source, mtriple)
