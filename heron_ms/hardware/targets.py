"""From a TVM target to a machine, so that a space can be built for whatever a user tunes for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from heron_ms.errors import TargetError
from heron_ms.hardware.catalogue import known_machines, machine
from heron_ms.hardware.description import Machine
from heron_ms.hardware.generic import generic
from heron_ms.hardware.host import host

if TYPE_CHECKING:
    from tvm.target import Target


def for_target(target: Target | Mapping[str, Any]) -> Machine:
    """The machine that a TVM target, or a dict that makes one, compiles for.

    The "mcpu" decides: the host if it is the host's, else the described machine of that name, else
    LLVM's features of it with assumed caches (and one core). "mattr" changes the features,
    "num-cores" the cores. The intrinsics follow from the features.

    Raises TargetError for a target that is no CPU or has less than one core.
    """
    attrs = _attributes(target)
    if attrs["kind"] not in ("llvm", "c"):
        raise TargetError(f"no description of a machine for the target kind {attrs['kind']!r}")
    found = _by_mcpu(attrs)
    if attrs.get("mattr"):
        found = found.with_features(llvm_features(attrs))
    cores = attrs.get("num-cores")
    return found if cores is None else found.with_cores(int(cores))


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


def _by_mcpu(attrs: Mapping[str, Any]) -> Machine:
    mcpu = str(attrs.get("mcpu", "generic"))
    if mcpu == host().mcpu:
        return host()
    if mcpu in known_machines():
        return machine(mcpu)
    return generic(mcpu, llvm_features(attrs), mtriple=_other_triple(attrs))


def _other_triple(attrs: Mapping[str, Any]) -> str:
    """The "mtriple" unless it is that of this process, which `Target` adds where there is none."""
    from tvm.target.codegen import llvm_get_system_triple

    triple = str(attrs.get("mtriple", ""))
    return "" if triple == llvm_get_system_triple() else triple


def llvm_features(attrs: Mapping[str, Any]) -> frozenset[str]:
    """What LLVM can emit for a CPU; it says on stderr if it does not know its name."""
    from tvm.target import Target
    from tvm.target.codegen import llvm_get_cpu_features

    names = ("mcpu", "mtriple", "mattr")
    options = {name: attrs[name] for name in names if name in attrs}
    return frozenset(
        str(name) for name in llvm_get_cpu_features(Target({"kind": "llvm", **options}))
    )
