"""The kernel of a record; where its weight is packed ahead, the one that takes it packed too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target, tvm_compile
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
class Kernels:
    """``whole`` takes the arguments as they come, and packs what it packs at every call.

    ``ahead`` takes the arguments at the positions in ``packers`` packed; it is ``whole`` where
    nothing is packed ahead.
    """

    whole: Any
    ahead: Any
    packers: dict[int, Packer]

    def packed(self, arguments: list[Any]) -> list[Any]:
        """The arguments of ``whole`` as ``ahead`` takes them."""
        return [
            self.packers[position](each) if position in self.packers else each
            for position, each in enumerate(arguments)
        ]


def scheduled(record: Any) -> IRModule:
    """The program of a record."""
    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    return sch.mod


def compiled(mod: IRModule, target: Target) -> Kernels:
    """The kernels of a scheduled program."""
    whole, split = tvm_compile(mod, target=target), split_ahead(mod)
    ahead = tvm_compile(split.program, target=target) if split.packing else whole
    packers = {at: _packer(each, target) for at, each in split.packing.items()}
    return Kernels(whole, ahead, packers)


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
