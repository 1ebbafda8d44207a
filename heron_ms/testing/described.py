"""Programs of a machine whose instructions this CPU lacks, computed as the instructions' meaning.

TVM compares a block with the description of an intrinsic and puts the implementation in its place.
While the description stands for both, the same trace makes the same program, loops, buffers and
all, with a plain loop nest where the instruction would be: its numbers can be compared anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from heron_ms._tvm import TensorIntrin
from heron_ms.hardware import Machine
from heron_ms.intrinsics import listed
from heron_ms.intrinsics.swapped import SUFFIX


@contextmanager
def by_description(machine: Machine) -> Iterator[None]:
    """While this holds, schedules for the machine get descriptions where they ask for instructions.

    Not for several threads: intrinsics are known to the process.
    """
    found = {name: TensorIntrin.get(name, allow_missing=True) for name in sorted(_names(machine))}
    known = {name: intrinsic for name, intrinsic in found.items() if intrinsic is not None}
    for name, intrinsic in known.items():
        TensorIntrin.register(name, intrinsic.desc, intrinsic.desc, override=True)
    try:
        yield
    finally:
        for name, intrinsic in known.items():
            TensorIntrin.register(name, intrinsic.desc, intrinsic.impl, override=True)


def _names(machine: Machine) -> set[str]:
    """What TVM may know the machine's intrinsics by, and those that stand around them."""
    ours = listed(machine)
    beside = [(*each.companions.values(), *each.pack.values()) for each in ours]
    names = {intrinsic.name for intrinsic in ours}
    return names.union((f"{name}{SUFFIX}" for name in names), *beside)
