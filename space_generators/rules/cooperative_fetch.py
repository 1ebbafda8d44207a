"""Cooperative fetch: all threads of a block fill a tile in shared memory, a vector each at a time.

Before: ``for k0: { for i, k: A_shared[i, k] = A[..]; for k, j: B_shared[..] = B[..]; compute }``
beside warps that are bound to threadIdx.y. After: the loops of each copy are one, split into
``turns | threadIdx.y | threadIdx.x | vector``; rows lie a pad apart, or are permuted, so that eight
of them lie in different banks; and k0 is annotated with how many of its turns are under way at
once, which lowering makes a pipeline of. Emits C1, C2, C3 (vector, stages), C4, C5 and C6.
"""

from __future__ import annotations

from math import gcd
from typing import Any

from heron_ms._tvm import (
    Analyzer,
    LoopRV,
    SBlock,
    SBlockRV,
    Schedule,
    TensorLoad,
    Var,
    collect,
    constant,
    itemsize,
    substitute,
)
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import FILLED, STAGES, SWIZZLE, VECTOR, WARP, TensorCore
from heron_ms.space_generators.rules.sketching import Sketching

WIDEST = 16
"""Bytes that a thread copies at once, at most."""
NARROWEST = 4
"""Bytes that a copy aside takes, at least; fewer go through registers."""


def fetch(sketching: Sketching) -> None:
    """Move the copies inside of the level that holds them, and share them among the threads."""
    sch, machine = sketching.sch, only(TensorCore, sketching.machine, "GPU")
    loop = sketching.nest.inside(sketching.holding("A"))
    stages = {operand: sketching.stages[operand].block for operand in "AB"}
    for stage in stages.values():
        sch.compute_at(stage, loop, preserve_unit_loops=True)
    for operand, stage in stages.items():
        _share(sketching, stage, len(sch.get_loops(stage)) - len(_around(sch, loop)))
        _keep_apart(sketching, operand, stage)
    _pipeline(sch, loop, machine)


def _around(sch: Schedule, loop: LoopRV) -> list[Any]:
    """The loops around a loop, and itself; by references, as questions are written to the trace."""
    nodes: list[Any] = []
    reference = sch.get_sref(loop)
    while reference is not None and type(reference.stmt).__name__ == "For":
        nodes.append(reference.stmt)
        reference = reference.parent
    return nodes


def _share(sketching: Sketching, stage: SBlockRV, own: int) -> None:
    sch = sketching.sch
    size = itemsize(sch.get(stage).writes[0].source)
    widths = _widths(sch, stage, size)
    width = sch.sample_categorical(widths, [1 / len(widths)] * len(widths), decision=0)
    whole = sch.fuse(*sch.get_loops(stage)[-own:])
    warps = sketching.nest.factors[sketching.holding("C")]
    _, *threads, lane, vector = sch.split(whole, [None, *warps, WARP, width])
    sch.bind(sch.fuse(*threads), "threadIdx.y")
    sch.bind(lane, "threadIdx.x")
    sch.vectorize(vector)
    sch.annotate(stage, VECTOR, width)


def _keep_apart(sketching: Sketching, operand: str, stage: SBlockRV) -> None:
    """Let the rows that one ldmatrix reads lie in different banks."""
    sch = sketching.sch
    if sketching.choices.swizzled:
        sch.annotate(stage, SWIZZLE, f"{FILLED}{operand}")
        return
    size = itemsize(sch.get(stage).writes[0].source)
    sch.storage_align(stage, 0, -2, 2 * WIDEST // size, WIDEST // size)


def _widths(sch: Schedule, stage: SBlockRV, size: int) -> list[int]:
    """Elements of a vector: what divides the rows that are read, so that it begins aligned."""
    block = sch.get(stage)
    rows = [int(region.source.shape[-1]) for region in block.reads]
    whole = gcd(WIDEST // size, *rows)
    widths = [width for width in (whole, whole // 2, whole // 4) if width * size >= NARROWEST]
    return [width for width in widths if _in_order(block, width)] or [1]


def _in_order(block: SBlock, width: int) -> bool:
    """Whether what a vector is filled with lies side by side as well.

    TVM 0.27 copies a vector from where its first element lies, wherever the others do.
    """
    last = block.iter_vars[-1].var
    start = Var("start", last.ty)
    analyzer = Analyzer()
    copies = [block.body, *collect(block.body.value, TensorLoad)]

    def apart(index: Any) -> int | None:
        first, end = (substitute(index, {last: start * width + at}) for at in (0, width - 1))
        return constant(analyzer.simplify(end - first))

    return all(
        [apart(index) for index in copy.indices] == [*[0] * (len(copy.indices) - 1), width - 1]
        for copy in copies
    )


def _pipeline(sch: Schedule, loop: LoopRV, machine: TensorCore) -> None:
    most = machine.limits["stages"] if machine.copies_aside else 1
    stages = list(range(1, most + 1))
    sampled = sch.sample_categorical(stages, [1 / most] * most, decision=0)
    sch.annotate(loop, STAGES, sampled)
