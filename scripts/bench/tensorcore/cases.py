"""The programs that spaces for TensorCores are asked about: GPUs, operators, types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.toolchain import architectures
from heron_ms.workloads import OPERATORS, Workload
from scripts.bench.harness.journal import Record

OURS, STOCK = "heron_ms", "stock"
GPUS = ("a100", "h100", "rtx3090", "t4", "v100")
LIKE: Mapping[str, tuple[str, ...]] = {"h100": ("h200",), "rtx3090": ("rtx4090",)}
"""GPUs that have the programs of another one, of which nvcc may make something else."""
OF_STOCK = ("a100", "f16")
"""The GPU and the type that stock is asked for; it has intrinsics for no more than f16 and s8."""
HALVES = ("f16", "f16f16f16")
ALL = (*HALVES, "bf16", "s8s8")
DTYPES: Mapping[str, tuple[str, ...]] = {"t4": HALVES, "v100": HALVES}
"""Of the GPUs that have not all types."""

SIZES: Mapping[str, tuple[tuple[int, ...], str]] = {
    "gemm": ((256, 256, 256), "kn"),
    "gemm, long": ((32, 200, 512), "nk"),
    "gemm, in parts": ((32, 1024, 64), "nk"),
    "bmm": ((3, 64, 64, 96), "kn"),
    "gemv": ((256, 256), "kn"),
    "scan": ((16, 64, 32), "kn"),
    "c1d": ((1, 32, 32, 64, 3, 1, 1, 1), "kn"),
    "c2d": ((1, 14, 14, 64, 64, 3, 3, 1, 1, 1), "kn"),
    "c2d, 3 channels": ((1, 15, 15, 3, 20, 3, 3, 2, 1, 1), "kn"),
    "dil": ((1, 14, 14, 32, 64, 3, 3, 1, 2, 2), "kn"),
    "c3d": ((1, 4, 8, 8, 16, 32, 3, 3, 3, 1, 1, 1), "kn"),
    "t2d": ((1, 8, 8, 32, 32, 4, 4, 2, 1), "kn"),
    "grp": ((1, 8, 8, 64, 64, 3, 3, 1, 1, 1, 2), "kn"),
}
"""Small ones, as they are emulated: the sizes, and how the weight lies."""
LARGE: Mapping[str, tuple[tuple[int, ...], str]] = {
    "gemm, large": ((4096, 4096, 4096), "kn"),
    "c2d, large": ((16, 56, 56, 64, 64, 3, 3, 1, 1, 1), "kn"),
}
"""Of the paper's table, for as much as a GPU has work with: compiled alone."""


_ALL_SIZES = {**SIZES, **LARGE}


@dataclass(frozen=True)
class Case:
    """A program for a GPU, and whose space it is asked of."""

    gpu: str
    program: str
    dtype: str
    side: str

    @classmethod
    def of(cls, identity: Record) -> Case:
        """The one that has an `identity`."""
        return cls(*(identity[name] for name in ("GPU", "program", "dtype", "space")))

    @property
    def identity(self) -> Record:
        """What the journal knows it by."""
        return {"GPU": self.gpu, "program": self.program, "dtype": self.dtype, "space": self.side}

    @property
    def name(self) -> str:
        """As it is chosen by."""
        return "/".join(map(str, self.identity.values()))

    @property
    def machine(self) -> TensorCore:
        """The GPU's description."""
        return _described(self.gpu)

    @property
    def compiled_for(self) -> list[TensorCore]:
        """The GPU and those `LIKE` it, one of each architecture."""
        gpus = map(_compilable, (self.gpu, *LIKE.get(self.gpu, ())))
        return list({gpu.arch: gpu for gpu in gpus}.values())

    @property
    def workload(self) -> Workload:
        """The program itself."""
        operator, (sizes, weight) = self.program.partition(",")[0], _ALL_SIZES[self.program]
        return OPERATORS[operator].of(sizes, self.dtype, weight=weight)


def _described(name: str) -> TensorCore:
    return only(TensorCore, machine(name), "GPU")


def _compilable(name: str) -> TensorCore:
    """A GPU, called by the oldest that the tool chain has where that has none as old.

    WMMA, of which Volta's programs are made, means the same there.
    """
    gpu = _described(name)
    return replace(gpu, arch=f"sm_{max(gpu.capability, min(architectures()))}")


def cases(programs: Iterable[str] = SIZES) -> Iterator[Case]:
    """Programs of ours for every GPU, and what stock can be asked beside."""
    for gpu in GPUS:
        for program in programs:
            for dtype in DTYPES.get(gpu, ALL):
                yield Case(gpu, program, dtype, OURS)
                if (gpu, dtype) == OF_STOCK:
                    yield Case(gpu, program, dtype, STOCK)
