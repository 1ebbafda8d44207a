"""A model of which the products are another machine's, and the rest this CPU's."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tvm
from numpy.typing import NDArray

from heron_ms._tvm import Target, ms, relax
from heron_ms.hardware import Machine, host
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_of
from heron_ms.models.compiling import compile_relax
from heron_ms.models.kernels import calling, kernels_of
from heron_ms.models.model import Model
from heron_ms.models.reference import flat
from heron_ms.untuned import UnmeasuredWarning


@dataclass(frozen=True)
class Told:
    """Of a kernel: facts by name, and the blocks of it that this CPU computes."""

    facts: Mapping[str, str]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Offloaded:
    """A model with the kernels of a device by the names of their functions, and the rest of it."""

    device: Device
    kernels: Mapping[str, Any]
    compiled: Any

    def told(self) -> dict[str, Told]:
        """What is known of each kernel, for a report."""
        return {
            name: Told(self.device.facts(kernel), tuple(self.device.left(kernel)))
            for name, kernel in self.kernels.items()
        }

    def outputs(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """What the model computes of some inputs."""
        machine = relax.VirtualMachine(self.compiled, tvm.cpu())
        return flat(machine["main"](*map(tvm.runtime.tensor, arrays)))


def offloaded(model: Model, database: Any, machine: Machine) -> Offloaded:
    """A model with the best records that a database has for a machine, compiled."""
    model, device = model.on(machine), device_of(machine)
    kernels = kernels_of(model.fused, database, machine)
    rest = calling(model.fused, kernels, device)
    here = Target(host().with_cores(1).target())
    with warnings.catch_warnings():
        # Nothing of the rest was to be measured.
        warnings.simplefilter("ignore", UnmeasuredWarning)
        compiled = compile_relax(ms.database.MemoryDatabase(), rest, here, {})
    return Offloaded(device, kernels, compiled)
