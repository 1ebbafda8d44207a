"""The front end of the model for loop nests: the cost of a mapping of a layer on a machine.

`evaluate` is the published tool's rule (see `reuse`). `evaluate_copies` counts what the same nest
moves when every level copies whole tiles, with the halo of the input as it is: words of a tile,
times how often it is copied. The two agree where there is no halo.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TypeAlias

from heron_ms.hardware.accelerator import BUS, Accelerator
from heron_ms.interstellar.array_cost import further
from heron_ms.interstellar.energy import fetched_words, memory_words, spread_energy
from heron_ms.interstellar.nest.cost import Cost, LevelCost
from heron_ms.interstellar.nest.label import label_of
from heron_ms.interstellar.nest.layer import IRRELEVANT, LOOPS, TENSORS, Layer, footprint
from heron_ms.interstellar.nest.mapping import Mapping
from heron_ms.interstellar.nest.reuse import factors_of

Words: TypeAlias = dict[str, float]


def evaluate(layer: Layer, machine: Accelerator, mapping: Mapping) -> Cost:
    """The published tool's cost. Raises `ModelError` for a mapping that does not fit."""
    factors = factors_of(mapping)

    def moves(level: int) -> tuple[Words, Words]:
        order = mapping.order(level)
        fetched = fetched_words(layer, machine, factors, level, order)
        words = {t: float(w) for t, w in memory_words(layer, fetched).items()}
        dims = mapping.dimensions(level - 1) if level else ()
        spread = spread_energy(layer, machine, factors, level, dims, fetched)
        return words, {t: float(e) for t, e in spread.items()}

    return _cost(layer, machine, mapping, moves)


def evaluate_copies(layer: Layer, machine: Accelerator, mapping: Mapping) -> Cost:
    """The cost with true halos. Raises `ModelError` for a mapping that does not fit."""

    def moves(level: int) -> tuple[Words, Words]:
        words = {t: copied_words(layer, machine, mapping, level, t) for t in TENSORS}
        return words, _spread(layer, machine, mapping, level, words)

    return _cost(layer, machine, mapping, moves)


def copied_words(
    layer: Layer, machine: Accelerator, mapping: Mapping, level: int, tensor: str
) -> float:
    """Words that a level reads and writes where it serves whole tiles of the level inside it.

    A tile is copied anew when a loop outside it moves, except for the irrelevant loops inside the
    level's innermost relevant one. The input also moves with the window.
    """
    if level == 0 and not machine.mac_registers:
        return float(2 * layer.macs - layer.words("O") if tensor == "O" else layer.macs)
    words = footprint(tensor, mapping.inner(level, layer), layer) * _spread_out(mapping, level)
    copied = words * copies(mapping, level, tensor)
    if tensor != "O":
        return float(copied)
    return float(2 * copied - layer.words("O"))


def copies(mapping: Mapping, level: int, tensor: str) -> int:
    """How often a tile of a tensor is copied from a level to the one inside it."""
    count, moved = 1, False
    still = ("OC",) if tensor == "I" else IRRELEVANT[tensor]
    for loop in mapping.order(level):
        moved = moved or (loop not in still and mapping.temporal(level, loop) > 1)
        count *= mapping.temporal(level, loop) if moved else 1
    outside = range(level + 1, len(mapping.levels))
    return count * prod(mapping.temporal(v, loop) for v in outside for loop in LOOPS)


def _spread_out(mapping: Mapping, level: int) -> int:
    outside = range(level, len(mapping.levels))
    return prod(mapping.spatial(v, loop) for v in outside for loop in LOOPS)


def _spread(
    layer: Layer, machine: Accelerator, mapping: Mapping, level: int, words: Words
) -> Words:
    """The array's energy: a hop for every unit that gets a word, and those of second loops.

    An output passes once for each time it leaves the array.
    """
    array = machine.array(level - 1) if level else None
    if array is None:
        return {}
    dims, spatial = mapping.dimensions(level - 1), mapping.sides(level - 1)
    seconds = [loop for dim in dims for loop in dim[1:] if array.mode != BUS]
    result = {}
    for tensor in TENSORS:
        far = prod(spatial[loop] for loop in seconds if loop in IRRELEVANT[tensor])
        unit = footprint(tensor, mapping.tile(level - 1, layer), layer) * prod(spatial.values())
        times = copies(mapping, level, tensor) * _spread_out(mapping, level)
        once = (words["O"] + layer.words("O")) / 2 if tensor == "O" else words[tensor]
        hops = unit * times / far + once * further(array, dims, spatial, tensor)
        result[tensor] = hops * array.hop
    return result


def _cost(
    layer: Layer,
    machine: Accelerator,
    mapping: Mapping,
    moves: Callable[[int], tuple[Words, Words]],
) -> Cost:
    """The cost of a mapping; ``moves`` gives a level's words and the energy of its array."""
    mapping.check(layer, machine)
    levels: list[LevelCost] = []
    for number, level in enumerate(machine.memories):
        words, spread = moves(number)
        if spread:
            levels.append(LevelCost("array", words, spread))
        energy = {t: words[t] * machine.energy(number) for t in TENSORS}
        levels.append(LevelCost(level.name, words, energy, busy(machine, number, words)))
    return Cost(
        levels=tuple(levels),
        macs=layer.macs,
        mac_energy=layer.macs * machine.mac_energy,
        ideal_cycles=mapping.cycles,
        utilization=mapping.used_units / machine.multipliers,
        label=label_of(mapping),
        word_bytes=machine.precision / 8,
    )


def busy(machine: Accelerator, level: int, words: Words) -> float:
    """Cycles that the banks of a level need for so many words; 0 without a limit."""
    bandwidth = machine.memories[level].words_per_cycle
    return 0.0 if bandwidth is None else sum(words.values()) / (bandwidth * machine.banks(level))
