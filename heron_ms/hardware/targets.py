"""From a TVM target to a machine, so that a space can be built for whatever a user tunes for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from heron_ms.errors import TargetError
from heron_ms.hardware.catalogue import known_machines, machine
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.targets import cpu_of
from heron_ms.hardware.description import Machine, only

if TYPE_CHECKING:
    from tvm.target import Target

MODEL = "model"
"""The option of a target that names a described machine, where TVM's own options do not tell."""

_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], Machine]] = {"llvm": cpu_of, "c": cpu_of}


def for_target(target: Target | Mapping[str, Any]) -> Machine:
    """The machine that a TVM target, or a dict that makes one, compiles for.

    A "model" that is the name of a machine decides; else the kind of target does, as in `cpu_of`.

    Raises TargetError for a kind without a description, and for less than one core.
    """
    attrs = _attributes(target)
    if attrs.get(MODEL) in known_machines():
        described, cores = machine(str(attrs[MODEL])), attrs.get("num-cores")
        return described if cores is None else described.with_cores(int(cores))
    if attrs["kind"] not in _BY_KIND:
        raise TargetError(f"no description of a machine for the target kind {attrs['kind']!r}")
    return _BY_KIND[attrs["kind"]](attrs)


def cpu_for(target: Target | Mapping[str, Any]) -> Cpu:
    """`for_target`, of which only a CPU will do; raises TargetError for any other machine."""
    return only(Cpu, for_target(target), "CPU")


def _attributes(target: Target | Mapping[str, Any]) -> dict[str, Any]:
    """The kind and the options of a target; only a tag costs an import of TVM."""
    if target is None:
        raise TargetError("there is no target: hand one to the TuneContext, as target=")
    if isinstance(target, Mapping):
        if "kind" in target:
            return dict(target)
        from tvm.target import Target

        target = Target(dict(target))
    return {**dict(target.attrs), "kind": str(target.kind.name)}
