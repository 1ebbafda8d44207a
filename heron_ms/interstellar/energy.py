"""The energy of one level under the published rule: the array's words, and the memory's."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.array_cost import array_energy
from heron_ms.interstellar.nest.layer import TENSORS, Layer
from heron_ms.interstellar.nest.mapping import Dims
from heron_ms.interstellar.nest.reuse import Column, Factors, accesses, every_time, fetches


def fetched_words(
    layer: Layer, machine: Accelerator, factors: Factors, level: int, order: Sequence[str]
) -> dict[str, Column]:
    """How often an element of each tensor is fetched from a level.

    A multiplier without a register of its own reads level 0 each time, whatever the order.
    """
    if level == 0 and not machine.mac_registers:
        return {tensor: every_time(layer, tensor) for tensor in TENSORS}
    return {tensor: fetches(factors, level, order, tensor) for tensor in TENSORS}


def memory_words(layer: Layer, fetched: dict[str, Column]) -> dict[str, Column]:
    """Words of each tensor that a level reads and writes."""
    return {t: accesses(layer, t, fetched[t]) * layer.words(t) for t in TENSORS}


def spread_energy(
    layer: Layer,
    machine: Accelerator,
    factors: Factors,
    level: int,
    dims: Dims,
    fetched: dict[str, Column],
) -> dict[str, Column]:
    """pJ of each tensor in the array inside a level, of what was fetched from it; {} without one.

    An output moves through the array once for each time it leaves it, unlike in the memories.
    """
    array = None if level == 0 else machine.array(level - 1)
    if array is None:
        return {}
    spatial = factors.spatial[level - 1]
    counts = {t: fetched[t] if t == "O" else accesses(layer, t, fetched[t]) for t in TENSORS}
    return {t: array_energy(array, dims, spatial, t, counts[t] * layer.words(t)) for t in TENSORS}


def level_energy(
    layer: Layer,
    machine: Accelerator,
    factors: Factors,
    level: int,
    order: Sequence[str],
    dims: Dims,
) -> Column:
    """pJ of a level's memory and of the array inside it, its loops in this order.

    Only the order of this level's own loops matters to it, so every level has a best order of its
    own. Factors that are lower bounds give a lower bound.
    """
    fetched = fetched_words(layer, machine, factors, level, order)
    words = memory_words(layer, fetched)
    spread = spread_energy(layer, machine, factors, level, dims, fetched)
    return sum(words.values()) * machine.energy(level) + sum(spread.values())
