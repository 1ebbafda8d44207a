"""GPUs with TensorCores: multiprocessors of warps that multiply tiles from shared memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from heron_ms.hardware import driver
from heron_ms.hardware.checks import positive
from heron_ms.hardware.estimated import EstimatedMachine

MEASURED = "measured"
"""The tag of a target whose programs run: estimates of the same programs are others' records."""

WARP = 32
"""Threads of a warp."""

LANE = "threadIdx.x"
"""What the lanes of a warp are bound to."""

STAGES = "heron.stages"
"""Annotates a loop with the number of its turns whose copies are under way at one time."""

VECTOR = "heron.vector"
"""Annotates a copy with the elements that a thread copies at once."""

SWIZZLE = "permuted_layout"
"""Annotates a copy to shared memory, and one from there, whose rows are permuted; TVM's name."""

FILLED, LOADED = "g2s_", "s2l_"
"""What is annotated with, before the name of the operand: copies to shared memory, and from it."""

SWIZZLED = 32
"""Elements that a row which is permuted has a multiple of."""

PARTS = (2, 4, 8)
"""Of a sum, each of which other blocks of threads may compute."""
LEAST_DEPTH = 256
"""Products that a part adds up, at least; fewer are not worth a second kernel. Assumed."""
SMALL_BLOCK = 64 * 64
"""Results of a block of threads that is small and still loads little for what it multiplies."""

FRAGMENTS, SHARED = "fragments", "shared"
"""The memories that a program says the contents of."""

IN_LANES = "warp"
"""TVM's scope of fragments that lie in the lanes of a warp as is written down."""
MATRIX_A, MATRIX_B, ACCUMULATOR = "wmma.matrix_a", "wmma.matrix_b", "wmma.accumulator"
"""TVM's scopes of fragments that only WMMA reaches."""
HELD: Mapping[str, int] = {IN_LANES: 1, MATRIX_A: 2, MATRIX_B: 2, ACCUMULATOR: 1}
"""In how many lanes each element of a fragment lies, by the scope.

The header of WMMA (CUDA's crt/mma.h) has 16 halves a lane for the 256 of a factor.
"""


@dataclass(frozen=True, kw_only=True)
class TensorCore(EstimatedMachine):
    """A GPU; words of its memories have 4 bytes, cycles are those of ``megahertz``.

    arch: how NVIDIA's compilers name it, such as "sm_80". multiprocessors: how many there are.
    tensor_flops: operations of one multiprocessor's TensorCores in a cycle, float16 into float32.
    called: a regular expression of the whole names that drivers give it; none for a GPU that is
    never the one that is here.

    limits: ``registers``, ``threads``, ``blocks`` and bytes of ``shared`` memory of a
    multiprocessor; ``stages``: the most copies under way; ``tallest``, ``widest``: tiles of the
    intrinsic that a warp holds beside each other.

    A GPU starts blocks along blockIdx.x first. So what the structure binds to it are blocks that
    run at one time and read what their neighbours read, and what it binds to blockIdx.y is the
    order of such neighbourhoods: block rasterisation is a decision of the tiling.

    Raises `TargetError` if the description contradicts itself.
    """

    kind: ClassVar[str] = "tensorcore"

    arch: str
    megahertz: int
    multiprocessors: int
    tensor_flops: int
    called: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.demand(self.arch[:3] == "sm_" and self.arch[3:].isdigit(), f"no arch {self.arch!r}")
        for name in ("megahertz", "multiprocessors", "tensor_flops"):
            positive(getattr(self, name), f"machine {self.name!r}: {name}")
        for name in ("registers", "threads", "blocks", "shared", "stages"):
            self.demand(name in self.limits, f"no limit {name}")
        self.demand(
            not self.loads_rows or self.capability >= 75,
            f"fragments in the lanes of a warp, but {self.arch} has no ldmatrix, sm_75 has",
        )

    def is_here(self) -> bool:
        """Whether it is the GPU of this computer."""
        there = driver.gpu()
        return (
            there is not None
            and there.capability == self.capability
            and re.fullmatch(self.called, there.name) is not None
        )

    def target(self) -> dict[str, Any]:
        """As of a machine that is estimated; where it is measured, records are told apart."""
        return {**super().target(), **({"tag": MEASURED} if self.is_here() else {})}

    @property
    def capability(self) -> int:
        """The number in ``arch``, 80 for "sm_80"."""
        return int(self.arch[3:])

    @property
    def reserved(self) -> int:
        """Bytes of shared memory that the system takes of each block (CUDA Programming Guide)."""
        return 1024 if self.capability >= 80 else 0

    @property
    def loads_rows(self) -> bool:
        """Whether fragments come by ldmatrix, which gathers rows from where each of them is.

        WMMA, on whichever GPU, takes tiles whose rows are equally far apart.
        """
        return self.memory(FRAGMENTS).scope == IN_LANES

    @property
    def copies_aside(self) -> bool:
        """Whether copies to shared memory go on while a warp computes (cp.async)."""
        return self.capability >= 80

    def parts_of_sum(self, results: int, depth: int) -> tuple[int, ...]:
        """Several where a sum is long, and blocks of threads would not take all multiprocessors."""
        few = results < SMALL_BLOCK * self.multiprocessors
        return (1, *(parts for parts in PARTS if few and depth >= parts * LEAST_DEPTH))

    def swizzles(self, dtypes: tuple[str, str], rows: tuple[int, int]) -> tuple[bool, ...]:
        """A choice for elements of 16 bits, eight of which TVM moves as one."""
        halves = all(dtype.endswith("16") for dtype in dtypes)
        able = self.loads_rows and halves and all(row % SWIZZLED == 0 for row in rows)
        return (False, True) if able else (False,)

    @property
    def ways_of_results(self) -> tuple[bool, ...]:
        """From the fragments, or through shared memory, after which they are written row by row."""
        return False, True

    @property
    def hertz(self) -> float:
        """Cycles in a second."""
        return self.megahertz * 1e6

    @property
    def peak(self) -> float:
        """Operations in a second of all TensorCores, float16 into float32."""
        return self.tensor_flops * self.multiprocessors * self.hertz

    def bandwidth(self, memory: str) -> float:
        """Bytes in a second of one instance of a memory."""
        words = self.memory(memory).words_per_cycle
        self.demand(words is not None, f"nothing is known of the bandwidth of {memory}")
        return 4 * (words or 0.0) * self.hertz

    @property
    def dtype(self) -> str:
        """Halves, for which all of these have instructions."""
        return "f16"

    @property
    def summary(self) -> str:
        """What to say beside its name."""
        how = "here" if self.is_here() else "estimated"
        return f"{self.arch}, {self.multiprocessors} multiprocessors, {how}"
