"""Every dataflow of an array: which loops are unrolled on its two sides (Interstellar, section 3).

A side has one loop, or two where the first is shorter than the side (replication). Factors are
divisors of the loops that fit the side; together they must keep the least share of units busy
that the machine asks for.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

from heron_ms.csp import divisors
from heron_ms.hardware.accelerator import Accelerator, Array
from heron_ms.interstellar.checks import demand
from heron_ms.interstellar.nest.label import text_of
from heron_ms.interstellar.nest.layer import LOOPS, Layer
from heron_ms.interstellar.optimise.blocking import Best, best_blocking
from heron_ms.interstellar.published.hints import Hints

Side = tuple[tuple[str, ...], tuple[int, ...]]
"""The loops of a side of the array, and their factors."""


@dataclass(frozen=True)
class Dataflow:
    """A dataflow by its label, and the best blocking over all its spatial factors."""

    label: str
    best: Best


def unrollings(layer: Layer, machine: Accelerator) -> dict[str, list[Hints]]:
    """The spatial factors of every dataflow of the machine's first array, by label.

    Raises `ModelError` for a machine without an array, and where no dataflow keeps enough busy.
    """
    demand(bool(machine.arrays), f"machine {machine.name!r} has no array to unroll loops on")
    array = machine.arrays[0]
    by_label: dict[str, list[Hints]] = {}
    sides = [_sides(layer, machine, length) for length in (array.rows, array.columns)]
    for rows, columns in product(*sides):
        if _admitted(machine, array, rows, columns):
            dims = (rows[0], columns[0])
            factors = zip(rows[0] + columns[0], rows[1] + columns[1], strict=True)
            spatial = {(array.level, loop): factor for loop, factor in factors}
            hints = Hints(spatial=spatial, dims={array.level: dims})
            by_label.setdefault(text_of(dims), []).append(hints)
    least = machine.utilization
    demand(
        bool(by_label), f"no dataflow uses {least:.0%} of the units: lower utilization_threshold"
    )
    return by_label


def explore(layer: Layer, machine: Accelerator) -> list[Dataflow]:
    """The best blocking of every dataflow, by ascending energy.

    Raises what `unrollings` raises, and `ModelError` where no blocking fits under any dataflow.
    """
    dataflows = list(_explored(layer, machine))
    if not dataflows:
        best_blocking(layer, machine)  # says what does not fit
    demand(bool(dataflows), f"machine {machine.name!r}: no blocking fits under any dataflow")
    return sorted(dataflows, key=lambda dataflow: dataflow.best.cost.energy)


def _explored(layer: Layer, machine: Accelerator) -> Iterator[Dataflow]:
    for label, choices in unrollings(layer, machine).items():
        best = best_of(layer, machine, choices)
        if best is not None:
            yield Dataflow(label, best)


def best_of(layer: Layer, machine: Accelerator, choices: list[Hints]) -> Best | None:
    """The best blocking over several choices of spatial factors; None where nothing fits."""
    best: Best | None = None
    for hints in choices:
        # A bound, if a loose one: a choice that does not fit needs no explanation here.
        below = sys.float_info.max if best is None else best.cost.energy
        best = best_blocking(layer, machine, hints, below) or best
    return best


def _sides(layer: Layer, machine: Accelerator, length: int) -> list[Side]:
    """Every way to fill a side of the array, at least in part."""
    if length == 1:
        return [((), ())]
    loops: list[tuple[str, ...]] = [(loop,) for loop in LOOPS]
    if machine.replication:
        loops += list(permutations(LOOPS, 2))
    return [
        (names, factors)
        for names in loops
        for factors in product(*(divisors(layer.extent(name))[1:] for name in names))
        if math.prod(factors) <= length
    ]


def _admitted(machine: Accelerator, array: Array, rows: Side, columns: Side) -> bool:
    """Different loops, enough units busy, and of two mirrored dataflows on a square one."""
    used = math.prod(rows[1] + columns[1])
    square = array.rows == array.columns > 1
    mirrored = square and LOOPS.index(rows[0][0]) > LOOPS.index(columns[0][0])
    return (
        not set(rows[0]) & set(columns[0])
        and used >= machine.utilization * array.units
        and not mirrored
    )
