"""Cooperative fetch: all threads of a block fill the tiles of A and B in shared memory.

Before: ``for k0: { for i, k: A_shared[i, k] = A[..]; for k, j: B_shared[..] = B[..]; compute }``
beside warps that are bound to threadIdx.y. After: the threads share each copy; rows lie a pad
apart, or are permuted, so that eight of them lie in different banks; and k0 is annotated with how
many of its turns are under way at once, which lowering makes a pipeline of. Emits C3 (stages), C4,
C5 and C6.
"""

from __future__ import annotations

from heron_ms._tvm import LoopRV, SBlockRV, Schedule, itemsize
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import FILLED, STAGES, SWIZZLE, TensorCore
from heron_ms.space_generators.rules.shared_by_threads import WIDEST, share
from heron_ms.space_generators.rules.sketching import Sketching


def fetch(sketching: Sketching) -> None:
    """Move the copies inside of the level that holds them, and share them among the threads."""
    sch, machine = sketching.sch, only(TensorCore, sketching.machine, "GPU")
    loop = sketching.nest.inside(sketching.holding("A"))
    stages = {operand: sketching.stages[operand].block for operand in "AB"}
    for stage in stages.values():
        sch.compute_at(stage, loop, preserve_unit_loops=True)
    for operand, stage in stages.items():
        share(sketching, stage, loop)
        _keep_apart(sketching, operand, stage)
    _pipeline(sch, loop, machine)


def _keep_apart(sketching: Sketching, operand: str, stage: SBlockRV) -> None:
    """Let the rows that one ldmatrix reads lie in different banks."""
    sch = sketching.sch
    if sketching.choices.swizzled:
        sch.annotate(stage, SWIZZLE, f"{FILLED}{operand}")
        return
    size = itemsize(sch.get(stage).writes[0].source)
    sch.storage_align(stage, 0, -2, 2 * WIDEST // size, WIDEST // size)


def _pipeline(sch: Schedule, loop: LoopRV, machine: TensorCore) -> None:
    most = machine.limits["stages"] if machine.copies_aside else 1
    stages = list(range(1, most + 1))
    sampled = sch.sample_categorical(stages, [1 / most] * most, decision=0)
    sch.annotate(loop, STAGES, sampled)
