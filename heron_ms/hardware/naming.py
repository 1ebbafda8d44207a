"""From what a person calls a machine, ``KIND[:MODEL]``, to the machine."""

from __future__ import annotations

from pathlib import Path

from heron_ms.errors import TargetError
from heron_ms.hardware.catalogue import KINDS, add, known_machines, machine
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.targets import named_by_llvm
from heron_ms.hardware.description import Machine

_FILES = (".toml", ".json")


def resolve(text: str) -> Machine:
    """A machine, here or not: ``host``, ``dlboost``, ``cpu:znver4``, ``znver4``.

    A kind alone is this CPU, or the only or usual machine of the kind; a model alone has to be
    known, be a CPU that LLVM knows, or the file of a machine (``vta:vta_config.json``). Raises
    `TargetError`, with what there is, for anything else.
    """
    kind, colon, model = text.partition(":")
    if not colon:
        return _of_kind(kind) if kind in KINDS else _model(kind)
    if kind not in KINDS:
        raise TargetError(f"unknown target {text!r}: no kind {kind!r}, only {', '.join(KINDS)}")
    described = _model(model)
    if described.kind != kind:
        raise TargetError(f"target {text!r}: {model} is of kind {described.kind}")
    return described


def _of_kind(kind: str) -> Machine:
    """The only machine of a kind, which for CPUs is the one that runs this."""
    if kind == Cpu.kind:
        return machine("host")
    if KINDS[kind].usual:
        return machine(KINDS[kind].usual)
    models = known_machines(kind)
    if len(models) != 1:
        raise TargetError(f"target {kind}: name a model, {kind}:MODEL, of {', '.join(models)}")
    return machine(models[0])


def _model(name: str) -> Machine:
    if name in known_machines():
        return machine(name)
    if Path(name).suffix in _FILES:
        return add(Path(name))
    described = named_by_llvm(name)
    if described is None:
        known = f"{', '.join(known_machines())}, a kind ({', '.join(KINDS)})"
        others = f"a file ({', '.join(_FILES)}) that describes a machine, or a CPU that LLVM knows"
        raise TargetError(f"unknown target {name!r}: use {known}, {others}")
    return described
