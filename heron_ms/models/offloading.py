"""A model of which some functions are another machine's: those by its device, the rest here.

Before: ``lv = call_tir(conv2d, (x, w))``, of which a database has a record for the machine. After:
``lv = call_dps_packed("heron_ms.offloaded.conv2d", (x, w))``, which hands the tensors to the kernel
that the device compiled of the record; where the machine is simulated, so is the model. What has no
record is compiled for this CPU, as any model is.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import tvm
from numpy.typing import NDArray
from tvm_ffi import register_global_func, remove_global_func

from heron_ms._tvm import IRModule, PyExprMutator, Target, ms, mutator, operator_of, relax
from heron_ms.compiling import scheduled
from heron_ms.hardware import Machine, host
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_of
from heron_ms.measure.records import best_record
from heron_ms.models.compiling import compile_relax
from heron_ms.models.model import Model
from heron_ms.models.mutated import mutated
from heron_ms.models.reference import flat
from heron_ms.models.tasks import functions_of
from heron_ms.untuned import UnmeasuredWarning

_PREFIX = "heron_ms.offloaded."


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
        for name, kernel in self.kernels.items():
            called = partial(_call, self.device, kernel["main"])
            register_global_func(_PREFIX + name, called, override=True)
        try:
            machine = relax.VirtualMachine(self.compiled, tvm.cpu())
            return flat(machine["main"](*map(tvm.runtime.tensor, arrays)))
        finally:
            for name in self.kernels:
                remove_global_func(_PREFIX + name)


def offloaded(model: Model, database: Any, machine: Machine) -> Offloaded:
    """A model with the best records that a database has for a machine, compiled."""
    model, target, device = model.on(machine), Target(machine.target()), device_of(machine)
    found = {name: best_record(database, func, target) for name, func in functions_of(model.fused)}
    kernels = {
        name: device.compile(scheduled(record), target)
        for name, record in found.items()
        if record is not None
    }
    rest = mutated(model.fused, partial(_Offloading, names=frozenset(kernels)))
    here = Target(host().with_cores(1).target())
    with warnings.catch_warnings():
        # Nothing of the rest was to be measured.
        warnings.simplefilter("ignore", UnmeasuredWarning)
        compiled = compile_relax(ms.database.MemoryDatabase(), rest, here, {})
    return Offloaded(device, kernels, compiled)


def _call(device: Device, function: Any, *tensors: Any) -> None:
    """Call a kernel's function with tensors, the last of which is its result."""
    arrays = device.call(function, [tensor.numpy() for tensor in tensors])
    tensors[-1].copyfrom(arrays[-1])


@mutator
class _Offloading(PyExprMutator):  # type: ignore[misc]
    """Calls of functions that are offloaded become calls of kernels."""

    def __init__(self, mod: IRModule, names: frozenset[str]) -> None:
        super().__init__(mod)
        self._names = names

    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        if operator_of(call) != "relax.call_tir":
            return call
        name = str(call.args[0].name_hint)
        if name not in self._names:
            return call
        function = relax.ExternFunc(_PREFIX + name)
        return relax.call_dps_packed(function, call.args[1], list(call.ty_args))
