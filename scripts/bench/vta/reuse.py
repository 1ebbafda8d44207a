"""What a tiled product moves between DRAM and the chip, by the reuse of its tiles alone.

A tile is loaded whenever it is not the one before: as often as the loops down to the innermost of
those that turn and that it depends on (`_turns`). Convolutions read what their windows cover, so
that tiles overlap, and the last tap of a window can read the tile of the next one's first: those
tiles are counted one by one. Nothing here knows of TensorIR or of instructions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from heron_ms.workloads import Workload

_BLOCK = 16


def expected(
    given: Workload, found: Mapping[str, Any], *, exchanged: bool = False, batch: int = 1
) -> Counter[str]:
    """The counts of a workload with int8 result, tiled by an assignment.

    exchanged: whether what the workload calls B is what is loaded as inputs (of a GEMM or a BMM).
    batch: rows that are multiplied at a time; convolutions are counted for one.
    """
    rows, lanes, reductions, alone = _axes(given, exchanged)
    tiles = {axis: found.get(f"C.{axis}.1", 1) for axis in (*rows, *lanes, *reductions)}
    outer = {axis: found.get(f"C.{axis}.0", 1) for axis in (*rows, *lanes, *reductions)}
    outside = [*lanes, *rows] if found["vta.order"] else [*rows, *lanes]
    loops = [(axis, getattr(given, axis)) for axis in alone]
    loops += [(axis, outer[axis]) for axis in (*outside, *reductions)]
    a_loads = _turns(loops, {*alone, *rows, *reductions})
    if given.operator not in ("gemm", "bmm"):
        a_loads = _windows(given, loops, tiles)
        covered = _window(given, tiles)
    else:
        covered = prod(tiles[axis] for axis in (*rows, *reductions))
    b_loads = _turns(loops, {*(alone if given.operator == "bmm" else ()), *lanes, *reductions})
    places = prod(size for axis, size in loops if axis in (*alone, *rows, *lanes))
    places *= prod(tiles[axis] for axis in (*rows, *lanes))
    depth = prod(outer[axis] * tiles[axis] for axis in reductions)
    return Counter(
        {
            "gemm": places * depth,
            "alu": 3 * places,
            "inp bytes": a_loads * covered * batch * _BLOCK,
            "wgt bytes": b_loads * prod(tiles[axis] for axis in (*lanes, *reductions)) * _BLOCK**2,
            "out bytes": places * batch * _BLOCK,
        }
    )


def _axes(given: Workload, exchanged: bool) -> tuple[list[str], list[str], list[str], list[str]]:
    """Rows, lanes and reductions, which are tiled, and what A and C have alone."""
    if given.operator in ("gemm", "bmm"):
        rows, lanes = (["j"], ["i"]) if exchanged else (["i"], ["j"])
        return rows, lanes, ["k"], ["b"] if given.operator == "bmm" else []
    return ["h", "w"], ["co"], ["kh", "kw", "ci"], ["n"]


def _turns(loops: Sequence[tuple[str, int]], depends: set[str]) -> int:
    moving = [at for at, (axis, size) in enumerate(loops) if axis in depends and size > 1]
    return prod(size for _, size in loops[: moving[-1] + 1]) if moving else 1


def _windows(given: Any, loops: Sequence[tuple[str, int]], tiles: Mapping[str, int]) -> int:
    """How often the window of a tile of A is another than the one before."""
    names = [axis for axis, _ in loops]
    changes, last = 0, None
    for turn in product(*(range(size) for _, size in loops)):
        at = dict(zip(names, turn, strict=True))
        begin = [
            at[axis] * tiles[axis] * given.stride + at[f"k{axis}"] * tiles[f"k{axis}"] * given.dil
            for axis in ("h", "w")
        ]
        window = (at["n"], *begin, at["ci"])
        changes, last = changes + (window != last), window
    return changes


def _window(given: Any, tiles: Mapping[str, int]) -> int:
    """Elements of A that a tile of a convolution reads."""
    covered = (
        (tiles[axis] - 1) * given.stride + (tiles[f"k{axis}"] - 1) * given.dil + 1
        for axis in ("h", "w")
    )
    return int(prod(covered)) * tiles["ci"]
