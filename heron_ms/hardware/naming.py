"""From what a person calls a machine, ``KIND[:MODEL]``, to the machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from heron_ms.errors import TargetError
from heron_ms.hardware.catalogue import KINDS, add, known_machines, machine
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.targets import named_by_llvm
from heron_ms.hardware.description import Machine
from heron_ms.hardware.gpu_here import gpu_here
from heron_ms.hardware.tensorcore import TensorCore

_FILES = (".toml", ".json")
_HERE: Mapping[str, Callable[[], Machine]] = {
    Cpu.kind: lambda: machine("host"),
    TensorCore.kind: gpu_here,
}
"""What a kind alone means, of which there may be one in this computer."""


def resolve(text: str) -> Machine:
    """A machine, here or not: ``host``, ``dlboost``, ``cpu:znver4``, ``znver4``.

    A kind alone (``cpu``, ``cpu:``) is this CPU or the GPU of this computer, else the only or usual
    machine of the kind; a model alone has to be known, be a CPU that LLVM knows, or the file of a
    machine (``vta:vta_config.json``). Raises `TargetError`, with what there is, for anything else.
    """
    kind, colon, model = text.partition(":")
    if not colon:
        return _of_kind(kind) if kind in KINDS else _model(kind)
    if kind not in KINDS:
        raise TargetError(f"unknown target {text!r}: no kind {kind!r}, only {', '.join(KINDS)}")
    if not model:
        return _of_kind(kind)
    described = _model(model, kind)
    if described.kind != kind:
        raise TargetError(f"target {text!r}: {model} is of kind {described.kind}")
    return described


def _of_kind(kind: str) -> Machine:
    """The machine of a kind that is here, or the usual or only one."""
    if kind in _HERE:
        return _HERE[kind]()
    if KINDS[kind].usual:
        return machine(KINDS[kind].usual)
    models = known_machines(kind)
    if len(models) != 1:
        raise TargetError(f"target {kind}: name a model, {kind}:MODEL, of {', '.join(models)}")
    return machine(models[0])


def _model(name: str, kind: str | None = None) -> Machine:
    """The machine of a name; raises `TargetError`, with what there is, of a kind if it is named."""
    if name in known_machines():
        return machine(name)
    if Path(name).suffix in _FILES:
        return add(Path(name))
    described = named_by_llvm(name)
    if described is None:
        raise TargetError(_unknown(name, kind))
    return described


def _unknown(name: str, kind: str | None) -> str:
    file = f"a file ({', '.join(_FILES)}) that describes a machine"
    if kind is None:
        known = f"{', '.join(known_machines())}, a kind ({', '.join(KINDS)})"
        return f"unknown target {name!r}: use {known}, {file}, or a CPU that LLVM knows"
    known = ", ".join(known_machines(kind))
    others = f"{file}, or a CPU that LLVM knows" if kind == Cpu.kind else f"or {file}"
    return f"unknown target {f'{kind}:{name}'!r}: of kind {kind} use {known}, {others}"
