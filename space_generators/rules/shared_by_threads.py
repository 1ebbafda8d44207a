"""A copy that the threads of a block share: they copy a tile together, a vector each at a time.

Before: loops over the elements of a tile, in a loop that all threads of a block have in common.
After: the last one is split into ``vectors | vector``, and all but the vector are one, split into
``turns | threadIdx.y | threadIdx.x``. Emits C1, C2 and C3 (vector).
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
from heron_ms.hardware.tensorcore import VECTOR, WARP
from heron_ms.space_generators.rules.sketching import Sketching

WIDEST = 16
"""Bytes that a thread copies at once, at most."""
NARROWEST = 4
"""Bytes that a copy aside takes, at least; fewer go through registers."""


def share(sketching: Sketching, copy: SBlockRV, around: LoopRV, *, in_vectors: bool = True) -> None:
    """Deal out the loops of a copy inside of a loop to the threads of a block."""
    sch = sketching.sch
    widths = _widths(sch.get(copy)) if in_vectors else [1]
    width = sch.sample_categorical(widths, [1 / len(widths)] * len(widths), decision=0)
    *others, last = sch.get_loops(copy)[len(_loops_around(sch, around)) :]
    # Before the loops are one, of whose number TVM may not see that a vector lies in one row.
    last, vector = sch.split(last, [None, width])
    warps = sketching.nest.factors[sketching.holding("C")]
    _, *threads, lane = sch.split(sch.fuse(*others, last), [None, *warps, WARP])
    sch.bind(sch.fuse(*threads), "threadIdx.y")
    sch.bind(lane, "threadIdx.x")
    sch.vectorize(vector)
    sch.annotate(copy, VECTOR, width)


def _loops_around(sch: Schedule, loop: LoopRV) -> list[Any]:
    """The loops around a loop, and itself; by references, as questions are written to the trace."""
    nodes: list[Any] = []
    reference = sch.get_sref(loop)
    while reference is not None and type(reference.stmt).__name__ == "For":
        nodes.append(reference.stmt)
        reference = reference.parent
    return nodes


def _widths(copy: SBlock) -> list[int]:
    """Elements of a vector: what divides the rows of all that is copied, so that it is aligned."""
    buffers = [region.source for region in (*copy.reads, *copy.writes)]
    if any(str(buffer.dtype) == "bool" for buffer in buffers):
        return [1]  # of which TVM makes a condition that no vector of CUDA is
    size = max(map(itemsize, buffers))
    whole = gcd(WIDEST // size, *(int(buffer.shape[-1]) for buffer in buffers))
    widths = [width for width in (whole, whole // 2, whole // 4) if width * size >= NARROWEST]
    return [width for width in widths if _in_order(copy, width)] or [1]


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
