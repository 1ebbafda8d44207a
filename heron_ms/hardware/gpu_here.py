"""The description of the GPU of this computer."""

from __future__ import annotations

from heron_ms.errors import TargetError
from heron_ms.hardware import driver
from heron_ms.hardware.catalogue import known_machines, machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore


def gpu_here() -> TensorCore:
    """The described GPU that is here.

    Raises `TargetError`, which lists the described ones, where there is none and where none of them
    is the one that is here.
    """
    known = [only(TensorCore, machine(name), "GPU") for name in known_machines(TensorCore.kind)]
    found = next((described for described in known if described.is_here()), None)
    if found is not None:
        return found
    there = driver.gpu()
    what = (
        "this computer has no GPU of NVIDIA's that its driver shows"
        if there is None
        else f"nothing describes the GPU of this computer, {there.name} (sm_{there.capability})"
    )
    names = ", ".join(described.name for described in known)
    raise TargetError(
        f"target {TensorCore.kind}: {what}: name a model, {TensorCore.kind}:MODEL, of {names}, "
        "or the file (.toml) of one"
    )
