"""A mapping: which factor of which loop runs at which level, in which order, and what in space."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TypeAlias

from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand, positive
from heron_ms.interstellar.nest.layer import LOOPS, TENSORS, Layer, footprint

Dims: TypeAlias = tuple[tuple[str, ...], ...]
"""The loops of each dimension of an array: the first, and a second where it is replicated."""


@dataclass(frozen=True)
class Factor:
    """At one level: ``temporal`` iterations of a loop, and ``spatial`` of it side by side."""

    loop: str
    temporal: int
    spatial: int = 1

    def __post_init__(self) -> None:
        demand(self.loop in LOOPS, f"unknown loop {self.loop!r}: use {', '.join(LOOPS)}")
        positive(self.temporal, f"loop {self.loop}: temporal factor")
        positive(self.spatial, f"loop {self.loop}: spatial factor")


@dataclass(frozen=True)
class Mapping:
    """``levels[v]``: the factors at level v, innermost loop first; loops left out have factor 1.

    ``dims[v]``: the dimensions of the array at level v. A loop with a spatial factor that they
    leave out is a dimension of its own.
    """

    levels: tuple[tuple[Factor, ...], ...]
    dims: tuple[Dims, ...] = ()

    def __post_init__(self) -> None:
        for number, level in enumerate(self.levels):
            loops = [factor.loop for factor in level]
            twice = next((loop for loop in loops if loops.count(loop) > 1), "")
            demand(not twice, f"level {number}: loop {twice} comes twice")

    def temporal(self, level: int, loop: str) -> int:
        """Iterations of a loop at a level, one after the other."""
        factor = self._factors[level].get(loop)
        return 1 if factor is None else factor.temporal

    def spatial(self, level: int, loop: str) -> int:
        """Iterations of a loop at a level, side by side."""
        factor = self._factors[level].get(loop)
        return 1 if factor is None else factor.spatial

    def sides(self, level: int) -> dict[str, int]:
        """The spatial factor of every loop at a level."""
        return {loop: self.spatial(level, loop) for loop in LOOPS}

    def order(self, level: int) -> tuple[str, ...]:
        """All loops, innermost first; those without iterations at this level come last."""
        moving = [factor.loop for factor in self.levels[level] if factor.temporal > 1]
        return (*moving, *(loop for loop in LOOPS if loop not in moving))

    def dimensions(self, level: int) -> Dims:
        """The dimensions of the array at a level."""
        given = self.dims[level] if level < len(self.dims) else ()
        named = {loop for dim in given for loop in dim}
        own = [e.loop for e in self.levels[level] if e.spatial > 1 and e.loop not in named]
        return (*given, *((loop,) for loop in own))

    def tile(self, level: int, layer: Layer) -> dict[str, int]:
        """Iterations of every loop that one bank of a level holds the data of."""
        return {loop: self._share(loop, layer, level + 1, level) for loop in LOOPS}

    def inner(self, level: int, layer: Layer) -> dict[str, int]:
        """Iterations of every loop inside a level: of all units of the level inside it."""
        return {loop: self._share(loop, layer, level, level) for loop in LOOPS}

    def _share(self, loop: str, layer: Layer, serial: int, side: int) -> int:
        """What is left of a loop inside its temporal factors from a level, and its spatial ones.

        Factors that cover more than the layer leave less of it than their own product.
        """
        numbers = range(len(self.levels))
        outside = prod(self.temporal(v, loop) for v in numbers[serial:])
        outside *= prod(self.spatial(v, loop) for v in numbers[side:])
        inside = prod(self.temporal(v, loop) for v in numbers[:serial])
        inside *= prod(self.spatial(v, loop) for v in numbers[:side])
        return min(inside, -(-layer.extent(loop) // outside))

    @property
    def used_units(self) -> int:
        """Multipliers that work."""
        return prod(factor.spatial for level in self.levels for factor in level)

    @property
    def cycles(self) -> int:
        """Steps of one multiplication in every unit, iterations beyond the layer included."""
        return prod(factor.temporal for level in self.levels for factor in level)

    def check(self, layer: Layer, machine: Accelerator) -> None:
        """Raise `ModelError`, naming the loop or the level, where layer or machine do not fit."""
        levels, wanted = len(self.levels), len(machine.memories)
        demand(levels == wanted, f"the mapping has {levels} levels, the machine {wanted}")
        self._check_cover(layer)
        for level in range(wanted):
            self._check_level(level, layer, machine)

    def _check_cover(self, layer: Layer) -> None:
        for loop in LOOPS:
            covered = prod(self.temporal(v, loop) * self.spatial(v, loop) for v in self._numbers)
            wanted = layer.extent(loop)
            fits = covered >= wanted
            demand(fits, f"loop {loop}: factors make {covered}, which does not cover {wanted}")

    def _check_level(self, level: int, layer: Layer, machine: Accelerator) -> None:
        array, used = machine.array(level), prod(factor.spatial for factor in self.levels[level])
        units = 1 if array is None else array.units
        demand(used <= units, f"level {level}: spatial factors make {used}, but it has {units}")
        held = sum(footprint(tensor, self.tile(level, layer), layer) for tensor in TENSORS)
        memory, fits = machine.memories[level], held <= machine.words(level)
        size = held * machine.precision // 8
        demand(fits, f"level {memory.name}: {size} bytes do not fit in {memory.capacity}")

    @property
    def _numbers(self) -> Iterable[int]:
        return range(len(self.levels))

    @cached_property
    def _factors(self) -> tuple[dict[str, Factor], ...]:
        return tuple({factor.loop: factor for factor in level} for level in self.levels)

    def __str__(self) -> str:
        return " | ".join(" ".join(map(_text, level)) or "-" for level in self.levels)


def _text(factor: Factor) -> str:
    space = f"(x{factor.spatial})" if factor.spatial > 1 else ""
    return f"{factor.loop} {factor.temporal}{space}"
