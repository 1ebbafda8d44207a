"""The innermost loops: reductions around a vector of the last spatial axis."""

from __future__ import annotations

from collections.abc import Mapping

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.hardware import Cpu
from heron_ms.unmeasured.blocks import blocks_of, extent, is_reduction, lanes_of
from heron_ms.unmeasured.walks import chooses_along, is_reducing, walks, walks_along


def vectorise_blocks(sch: Schedule, rows: Mapping[str, int], machine: Cpu) -> None:
    """Vectorise every block inside of its rows, by block name the number of loops to leave.

    What would be gathered from memory element by element is left to LLVM, which does better.
    """
    for block in blocks_of(sch):
        inner = list(sch.get_loops(block))[rows.get(str(sch.get(block).name_hint), 0) :]
        lanes = lanes_of(sch, block, machine)
        if inner and is_reduction(sch, block):
            _reduction(sch, block, inner, lanes)
        elif (
            inner
            and not chooses_along(sch, block, inner[-1])
            and walks_along(sch, block, inner[-1])
        ):
            _split(sch, inner[-1], lanes, vectorised=True)


def _reduction(sch: Schedule, block: SBlockRV, loops: list[LoopRV], lanes: int) -> None:
    """The loops over the result outside, those of the reduction inside of them, a vector in it."""
    spatial = [loop for loop in loops if not is_reducing(sch, block, loop)]
    reducing = [loop for loop in loops if is_reducing(sch, block, loop)]
    along = [loop for loop in spatial if _fills_vectors(sch, block, loop, lanes)] or spatial[-1:]
    if not along or not reducing or not walks(sch, block, along[-1]):
        return
    is_vector = walks_along(sch, block, along[-1])
    others = [loop for loop in spatial if loop is not along[-1]]
    *outer, vector = _split(sch, along[-1], lanes, vectorised=is_vector)
    sch.reorder(*others, *outer, *reducing, vector)
    init = sch.decompose_reduction(block, reducing[0])
    if is_vector:
        sch.vectorize(sch.get_loops(init)[-1])


def _fills_vectors(sch: Schedule, block: SBlockRV, loop: LoopRV, lanes: int) -> bool:
    """Whether a loop fills vectors, such as that of the partial results of `lanes`."""
    return extent(sch, loop) % lanes == 0 and walks_along(sch, block, loop)


def _split(sch: Schedule, loop: LoopRV, lanes: int, *, vectorised: bool) -> list[LoopRV]:
    """The loop as one over vectors and one over lanes; itself where it is no more than a vector."""
    width = _width(extent(sch, loop), lanes)
    if width == 1 or not vectorised:
        return [loop]
    loops = list(sch.split(loop, [None, width])) if extent(sch, loop) > width else [loop]
    sch.vectorize(loops[-1])
    return loops


def _width(size: int, lanes: int) -> int:
    """The largest power of two that divides a size, up to the lanes; 1 below a half of them.

    A shorter vector is left to LLVM, which masks the rest of a longer one.
    """
    width = lanes
    while size % width:
        width //= 2
    return width if 2 * width >= lanes else 1
