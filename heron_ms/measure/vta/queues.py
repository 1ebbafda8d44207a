"""The queues of tokens between neighbouring modules: load, compute and store.

A token is anonymous and counted: the k-th that is taken is the k-th that was given. Source:
apache/tvm-vta, hw_spec.h; the depth is that of the HLS design (scripts/vivado.tcl).
"""

from __future__ import annotations

from collections.abc import Iterator

from heron_ms.errors import FaultError
from heron_ms.measure.vta.instructions import Instruction, Module

Queue = tuple[Module, Module]
"""From the module that gives to the one that takes."""

DEPTH = 255
"""Tokens that a queue holds: the Chisel core counts in 8 bits; the HLS design has room for 1024."""

_NEIGHBOURS = {
    Module.LOAD: (None, Module.COMPUTE),
    Module.COMPUTE: (Module.LOAD, Module.STORE),
    Module.STORE: (Module.COMPUTE, None),
}

QUEUES: tuple[Queue, ...] = tuple(
    (giver, taker) for giver, pair in _NEIGHBOURS.items() for taker in pair if taker is not None
)


def taken(instruction: Instruction) -> list[Queue]:
    """The queues that an instruction waits for; raises `FaultError` for one that is not there."""
    me = instruction.module
    return [(other, me) for other in _named(instruction, "pop")]


def given(instruction: Instruction) -> list[Queue]:
    """The queues that it gives a token to when it is over; raises `FaultError` as `taken` does."""
    me = instruction.module
    return [(me, other) for other in _named(instruction, "push")]


def mark(instruction: Instruction, action: str, other: Module) -> None:
    """Let an instruction "pop" from or "push" to a neighbour."""
    side = "prev" if _NEIGHBOURS[instruction.module][0] == other else "next"
    setattr(instruction, f"{action}_{side}", 1)


def _named(instruction: Instruction, action: str) -> Iterator[Module]:
    for side, other in zip(("prev", "next"), _NEIGHBOURS[instruction.module], strict=True):
        if getattr(instruction, f"{action}_{side}"):
            if other is None:
                name = instruction.module.name
                raise FaultError(f"{name} has no neighbour for {action}_{side}", "token")
            yield other
