"""What loops that are bound to threads ask for: as many as there are, and the same in all blocks.

Every loop of a kernel that is bound to one thread axis has the same extent, and no more than the
machine has units for it.
"""

from __future__ import annotations

from heron_ms._tvm import For, collect
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import Eq, Le, Operand

VIRTUAL = "vthread"
"""Virtual threads are unrolled into their kernel; no two loops share them."""


def limit_threads(state: State) -> None:
    """EQ of the loops of each thread axis in a kernel, and LE of the first."""
    limits = {unit.binding: unit.count for unit in state.machine.units}
    for kernel in state.loops.nests():
        for tag, loops in _by_tag(state, kernel).items():
            extents = [*dict.fromkeys(loop.extent for loop in loops if loop.extent is not None)]
            for other in extents[1:] if not tag.startswith(VIRTUAL) else ():
                _equal(state, extents[0], other)
            if tag in limits and extents:
                _limited(state, tag, extents[0], limits[tag])


def _by_tag(state: State, kernel: For) -> dict[str, list[Loop]]:
    by_tag: dict[str, list[Loop]] = {}
    for loop in collect(kernel, For):
        if loop.thread_binding is not None:
            by_tag.setdefault(str(loop.thread_binding.thread_tag), []).append(state.loops.at(loop))
    return by_tag


def _equal(state: State, one: Operand, other: Operand) -> None:
    if isinstance(one, str):
        state.model.add(Eq(one, other, rule="bind"))
    elif isinstance(other, str):
        state.model.add(Eq(other, one, rule="bind"))


def _limited(state: State, tag: str, extent: Operand, limit: int) -> None:
    if state.model.highest(extent) > limit:
        state.model.add(Le(extent, limit, rule=f"bind {tag}"))
