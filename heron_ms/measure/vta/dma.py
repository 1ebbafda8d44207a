"""Copies between DRAM and a memory, as transfers of rows.

A transfer moves ``y`` rows of ``x`` elements that lie ``stride`` apart in DRAM and one behind the
other on the chip. A copy with more loops than that is several transfers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from heron_ms.errors import FaultError
from heron_ms.measure.vta.affine import Affine

FARTHEST = (1 << 16) - 1


@dataclass(frozen=True)
class Rows:
    """One transfer: the first element on the chip and in DRAM, from where the copy begins."""

    sram: int
    dram: int
    y: int
    x: int
    stride: int


@dataclass(frozen=True)
class _Loop:
    extent: int
    sram: int
    dram: int


def transfers(extents: Sequence[int], sram: Affine, dram: Affine, lanes: int) -> tuple[Rows, ...]:
    """The transfers of a copy of the numbers at ``sram`` and ``dram``, ``lanes`` to an element.

    Raises `FaultError` where what lies together on the chip lies apart in DRAM.
    """
    loops = [
        _Loop(*loop) for loop in zip(extents, sram.inner, dram.inner, strict=True) if loop[0] > 1
    ]
    loops.sort(key=lambda loop: loop.sram)
    merged = _merged(list(_elements(loops, lanes)))
    x, rest = _taken(merged, 1, 1)
    y, rest = _taken(rest, x.extent, None)
    return tuple(
        Rows(
            sum(at * loop.sram for at, loop in zip(place, rest, strict=True)),
            sum(at * loop.dram for at, loop in zip(place, rest, strict=True)),
            y.extent,
            x.extent,
            y.dram if y.extent > 1 else x.extent,
        )
        for place in product(*(range(loop.extent) for loop in reversed(rest)))
        for place in [place[::-1]]
    )


def _elements(loops: Sequence[_Loop], lanes: int) -> Iterator[_Loop]:
    """The loops over whole elements, where the first ones walk through the numbers of one."""
    left, size = lanes, 1
    for loop in loops:
        if left > 1:
            within = min(left, loop.extent)
            if (loop.sram, loop.dram) != (size, size) or left % within or loop.extent % within:
                raise FaultError(f"a copy does not move whole elements of {lanes}", "affine")
            left, size = left // within, size * within
            loop = _Loop(loop.extent // within, loop.sram * within, loop.dram * within)
        if loop.extent > 1:
            if loop.sram % lanes or loop.dram % lanes:
                raise FaultError(f"a copy starts within an element of {lanes}", "affine")
            yield _Loop(loop.extent, loop.sram // lanes, loop.dram // lanes)
    if left > 1:
        raise FaultError(f"a copy does not move whole elements of {lanes}", "affine")


def _merged(loops: Sequence[_Loop]) -> list[_Loop]:
    """Neighbours that continue each other are one loop."""
    merged: list[_Loop] = []
    for loop in loops:
        last = merged[-1] if merged else None
        if last and (loop.sram, loop.dram) == (last.sram * last.extent, last.dram * last.extent):
            merged[-1] = _Loop(last.extent * loop.extent, last.sram, last.dram)
        else:
            merged.append(loop)
    return merged


def _taken(loops: list[_Loop], sram: int, dram: int | None) -> tuple[_Loop, list[_Loop]]:
    """The first loop if a transfer can take it as its next dimension, and what is left."""
    if loops and loops[0].sram == sram:
        first = loops[0]
        if first.dram == dram or (dram is None and 0 < first.dram <= FARTHEST):
            return first, loops[1:]
    return _Loop(1, sram, dram or 0), loops
