"""Functions of a model that are another machine's: as kernels that the rest of the model calls.

Before: ``lv = call_tir(conv2d, (x, w))``, of which a database has a record for the machine. After:
``lv = call_dps_packed("heron_ms.kernels.0.conv2d", (x, w))``, which hands the tensors to what the
machine's device compiled of the record, on the GPU, emulated or simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import Any

from tvm_ffi import register_global_func

from heron_ms._tvm import IRModule, PyExprMutator, Target, mutator, operator_of, relax
from heron_ms.compiling import scheduled
from heron_ms.hardware import Machine
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_of
from heron_ms.measure.records import best_record
from heron_ms.models.mutated import mutated
from heron_ms.models.tasks import functions_of

_numbers = count()


def kernels_of(fused: IRModule, database: Any, machine: Machine) -> dict[str, Any]:
    """What a machine's device compiles of the best records, by the names of functions."""
    target, device = Target(machine.target()), device_of(machine)
    found = {name: best_record(database, func, target) for name, func in functions_of(fused)}
    return {
        name: device.compile(scheduled(record), target)
        for name, record in found.items()
        if record is not None
    }


def calling(fused: IRModule, kernels: Mapping[str, Any], device: Device) -> IRModule:
    """The model with calls of kernels, which are kept as long as this process lives."""
    number = next(_numbers)
    names = {name: f"heron_ms.kernels.{number}.{name}" for name in kernels}
    for name, kernel in kernels.items():
        register_global_func(names[name], partial(_call, device, kernel["main"]))
    return mutated(fused, partial(_Calling, names=names))


def _call(device: Device, function: Any, *tensors: Any) -> None:
    """Call a kernel's function with tensors, the last of which is its result."""
    arrays = device.call(function, [tensor.numpy() for tensor in tensors])
    tensors[-1].copyfrom(arrays[-1])


@mutator
class _Calling(PyExprMutator):  # type: ignore[misc]
    """Calls of functions become calls of what is known by other names."""

    def __init__(self, mod: IRModule, names: Mapping[str, str]) -> None:
        super().__init__(mod)
        self._names = names

    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        if operator_of(call) != "relax.call_tir":
            return call
        name = self._names.get(str(call.args[0].name_hint))
        if name is None:
            return call
        return relax.call_dps_packed(relax.ExternFunc(name), call.args[1], list(call.ty_args))
