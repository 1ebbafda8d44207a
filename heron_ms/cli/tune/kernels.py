"""The kernel of a weight that is packed ahead, and who packed the weight of a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, Target
from heron_ms.measure.ahead import split_ahead
from heron_ms.measure.device import Device
from heron_ms.workloads import Workload
from heron_ms.workloads.workload import to_dtype


@dataclass(frozen=True)
class Packer:
    """A kernel that copies an argument into a new layout, and the shape and dtype of that."""

    kernel: Any
    shape: tuple[int, ...]
    dtype: str

    def packed(self, device: Device, argument: NDArray[Any]) -> NDArray[Any]:
        """The elements of ``argument`` in the new layout."""
        empty = to_dtype(np.zeros(self.shape, np.float32), self.dtype)
        return device.call(self.kernel["main"], [argument, empty])[1]


@dataclass(frozen=True)
class Ahead:
    """A kernel that takes the arguments at the positions in ``packers`` packed."""

    kernel: Any
    packers: dict[int, Packer]

    def packed(self, device: Device, arguments: list[NDArray[Any]]) -> list[NDArray[Any]]:
        """The arguments as they come, as the kernel takes them."""
        return [
            self.packers[at].packed(device, argument) if at in self.packers else argument
            for at, argument in enumerate(arguments)
        ]


def packed_ahead(mod: IRModule, target: Target, device: Device) -> Ahead | None:
    """The kernel of a scheduled program without what it packs; None where it packs nothing."""
    split = split_ahead(mod)
    if not split.packing:
        return None
    packers = {at: _packer(func, target, device) for at, func in split.packing.items()}
    return Ahead(device.compile(split.program, target), packers)


def weight_used(workload: Workload, mod: IRModule) -> str:
    """Who laid the weight out that a scheduled program is measured with."""
    if split_ahead(mod).packing:
        return "packed ahead by the tuner"
    if workload.weight == "packed":
        return "packed by the caller"
    return f"as it comes ({'kn' if workload.weight == 'ahead' else workload.weight})"


def _packer(func: PrimFunc, target: Target, device: Device) -> Packer:
    buffer = func.params[1]
    shape = tuple(int(extent) for extent in buffer.shape)
    kernel = device.compile(IRModule({"main": func}), target)
    return Packer(kernel, shape, str(buffer.dtype))
