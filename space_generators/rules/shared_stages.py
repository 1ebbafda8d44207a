"""The copies that the threads of a block share: both operands, the intrinsic's tile in their rows.

Before: ``C[i, j] += A[i, k] * B[k, j]``. After: the same of ``A_shared[i, k]`` and
``B_shared[k, j]``, of which the last two dimensions are those that the intrinsic loads a tile of.
What pads or gathers an operand is computed on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import SBlockRV
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import (
    Pack,
    Stage,
    axes_of,
    copy,
    inline_producers,
    lay_out,
)
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.arrange import arranged
from heron_ms.tensorize.einsum import DEPTH, LANES, ROWS, Operand
from heron_ms.tensorize.layout import is_plain, plain_axis


def copy_to_shared(sketching: Sketching, block: SBlockRV) -> dict[str, Stage]:
    """A stage for A and one for B, each with the intrinsic that loads a tile of it."""
    mapping = sketching.mapping
    rows, lanes, depth = (mapping.loop(vector) for vector in (ROWS, LANES, DEPTH))
    a_loads = {(rows, depth): mapping.intrinsic.companions["A"]}
    b_loads = {(lanes, depth): mapping.intrinsic.pack["nk"]}
    if "kn" in mapping.intrinsic.pack:
        b_loads[depth, lanes] = mapping.intrinsic.pack["kn"]
    return {
        operand: _stage(sketching, block, operand, loads)
        for operand, loads in (("A", a_loads), ("B", b_loads))
    }


def _stage(
    sketching: Sketching, block: SBlockRV, name: str, loads: dict[tuple[int, int], str]
) -> Stage:
    sch, mapping = sketching.sch, sketching.mapping
    operand = _operand(sketching, block, name)
    stage = copy(
        sch,
        block,
        operand,
        sketching.scope(name),
        indexed=is_plain(arranged(sch, block, mapping), operand),
    )
    at = axes_of(arranged(sch, block, mapping), _operand(sketching, block, name))
    tile = _tile(mapping, mapping.einsum.a if name == "A" else mapping.einsum.b, at, loads)
    if tile != tuple(at[-2:]):
        lay_out(sch, stage, _last(at, tile), len(at))
    inline_producers(sch, stage)
    return Stage(stage, pack=Pack(loads[tile], depth_first=tile[0] == _depth(mapping)))


def _tile(
    mapping: Mapping, operand: Operand, at: Sequence[int | None], loads: dict[tuple[int, int], str]
) -> tuple[int, int]:
    """The loops that a tile's rows and columns go along: in vectors where that can be loaded.

    at: the loop of each dimension of what is copied, which may be another order than it lies in.
    """
    lies = plain_axis(mapping.einsum, operand.indices[-1])
    along = [tile for tile in loads if lies in mapping.loops[tile[-1]]]
    as_is = [tile for tile in loads if tile == tuple(at[-2:])]
    return next(iter([*along, *as_is, *loads]))


def _operand(sketching: Sketching, block: SBlockRV, name: str) -> Any:
    einsum = arranged(sketching.sch, block, sketching.mapping)
    return einsum.a if name == "A" else einsum.b


def _depth(mapping: Mapping) -> int:
    return mapping.loop(DEPTH)


def _last(at: Sequence[int | None], tile: tuple[int, int]) -> Any:
    """The layout with the two dimensions of a tile moved to the end."""
    moved = [at.index(loop) for loop in tile]

    def order(*index: Any) -> list[Any]:
        rest = [position for dimension, position in enumerate(index) if dimension not in moved]
        return [*rest, *(index[dimension] for dimension in moved)]

    return order
