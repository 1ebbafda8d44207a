"""The kernel of a weight that is packed ahead, and who packed the weight of a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, PrimFunc, Target, tvm_compile
from heron_ms.measure.ahead import split_ahead
from heron_ms.workloads import Workload
from heron_ms.workloads.base import to_dtype


@dataclass(frozen=True)
class Packer:
    """A kernel that copies an argument into a new layout, and the shape and dtype of that."""

    kernel: Any
    shape: tuple[int, ...]
    dtype: str

    def __call__(self, argument: Any) -> Any:
        """A new tensor with the elements of ``argument``."""
        import tvm

        packed = tvm.runtime.tensor(to_dtype(np.zeros(self.shape, np.float32), self.dtype))
        self.kernel(argument, packed)
        return packed


@dataclass(frozen=True)
class Ahead:
    """A kernel that takes the arguments at the positions in ``packers`` packed."""

    kernel: Any
    packers: dict[int, Packer]

    def packed(self, arguments: list[Any]) -> list[Any]:
        """The arguments as they come, as the kernel takes them."""
        return [
            self.packers[position](each) if position in self.packers else each
            for position, each in enumerate(arguments)
        ]


def packed_ahead(mod: IRModule, target: Target) -> Ahead | None:
    """The kernel of a scheduled program without what it packs; None where it packs nothing."""
    split = split_ahead(mod)
    if not split.packing:
        return None
    packers = {at: _packer(each, target) for at, each in split.packing.items()}
    return Ahead(tvm_compile(split.program, target=target), packers)


def weight_used(workload: Workload, mod: IRModule) -> str:
    """Who laid the weight out that a scheduled program is measured with."""
    if split_ahead(mod).packing:
        return "packed ahead by the tuner"
    if workload.weight == "packed":
        return "packed by the caller"
    return f"as it comes ({'kn' if workload.weight == 'ahead' else workload.weight})"


def _packer(func: PrimFunc, target: Target) -> Packer:
    buffer = func.params[1]
    shape = tuple(int(each) for each in buffer.shape)
    return Packer(tvm_compile(func, target=target), shape, str(buffer.dtype))
