"""C6 AddDLASpecific (Heron's constraint rules): what the accelerator itself asks for.

One file a kind of machine. For a machine of your own, write `Asks` and add it to `ASKS` under the
``kind`` of the machine; a kind without one asks for nothing.
"""

from __future__ import annotations

from heron_ms.constraints.c6_dla.asks import Asks
from heron_ms.constraints.c6_dla.cpu import CPU
from heron_ms.constraints.c6_dla.tensorcore import TENSORCORE
from heron_ms.constraints.c6_dla.vta import VTA
from heron_ms.hardware import Machine

ASKS: dict[str, Asks] = {"cpu": CPU, "tensorcore": TENSORCORE, "vta": VTA}
"""What each kind of machine asks for."""


def asks_of(machine: Machine) -> Asks:
    """What a machine asks for."""
    return ASKS.get(machine.kind, Asks())


__all__ = ["ASKS", "Asks", "asks_of"]
