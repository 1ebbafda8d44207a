"""The cost of a scheduled TensorIR function on a machine.

Levels with a scope of their own hold what the program's copies put there (see `traffic`); where
several levels share the scope "global" the inner ones are caches (see `caches`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod

from heron_ms._tvm import IRModule, PrimFunc
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand
from heron_ms.interstellar.nest.cost import Cost, LevelCost
from heron_ms.interstellar.nest.evaluate import busy
from heron_ms.interstellar.tir.accesses import Access, Loop
from heron_ms.interstellar.tir.caches import Caches
from heron_ms.interstellar.tir.executions import executions
from heron_ms.interstellar.tir.macs import macs_of, steps_of
from heron_ms.interstellar.tir.reader import read_accesses
from heron_ms.interstellar.tir.traffic import charged


def evaluate_tir(program: PrimFunc | IRModule, machine: Accelerator, warm: bool = False) -> Cost:
    """Energy, cycles and words of a program, by level and buffer.

    warm: whether caches hold what they can from a run before, as they do while a kernel is
    measured; then nothing comes into a cache that is large enough for the whole program.

    Raises `ModelError` for a program with a scope that the machine lacks, a loop without a
    constant extent, more threads than units, or what cannot be read before lowering.
    """
    accesses = read_accesses(program)
    caches = [level for level in machine.memories if level.scope == "global"]
    levels = _cached(accesses, machine, warm) if len(caches) > 1 else _scoped(accesses, machine)
    macs = macs_of(accesses)
    _check_threads(accesses, machine)
    steps = ceil(steps_of(accesses, machine))
    return Cost(
        levels=tuple(levels),
        macs=macs,
        mac_energy=macs * machine.mac_energy,
        ideal_cycles=steps,
        utilization=macs / (steps * machine.multipliers) if steps else 0.0,
        label="|".join(axis for axis in _axes(accesses) if axis) or "-",
        word_bytes=machine.precision / 8,
    )


def _scoped(accesses: Sequence[Access], machine: Accelerator) -> list[LevelCost]:
    """Levels by scope, and the energy of the array for what leaves the level around it."""
    outward = {level.scope: number for number, level in enumerate(machine.memories)}
    unknown = sorted({a.scope for a in accesses if a.scope not in outward})
    demand(not unknown, f"machine {machine.name!r} has no level of scope {', '.join(unknown)}")
    words: list[dict[str, float]] = [{} for _ in machine.memories]
    hops: list[dict[str, float]] = [{} for _ in machine.memories]
    moves = charged(accesses, outward)
    results = {moved.access.buffer for moved in moves if moved.access.write}
    for moved in moves:
        access = moved.access
        number, scale = outward[access.scope], access.itemsize * 8 / machine.precision
        _add(words[number], access.name, moved.words * scale)
        array = machine.array(number - 1) if number else None
        # A result passes through the array when it leaves it; reading it back is no new transfer.
        if array is not None and (access.write or access.buffer not in results):
            _add(hops[number], access.name, moved.uses * scale * array.hop)
    found: list[LevelCost] = []
    for number in range(len(machine.memories)):
        if hops[number]:
            found.append(LevelCost("array", dict(words[number]), hops[number]))
        found.append(_level(machine, number, words[number]))
    return found


def _cached(accesses: Sequence[Access], machine: Accelerator, warm: bool) -> list[LevelCost]:
    """What each level gives to the one inside it; the innermost serves every operand."""
    words, caches = [_every_use(accesses, machine)], Caches(accesses)
    for inner in machine.memories[:-1]:
        sizes = caches.fetched(inner.capacity, warm)
        words.append({name: size * 8 / machine.precision for name, size in sizes.items()})
    return [_level(machine, number, words[number]) for number in range(len(machine.memories))]


def _every_use(accesses: Sequence[Access], machine: Accelerator) -> dict[str, float]:
    words: dict[str, float] = {}
    for access in accesses:
        size = executions(access) * access.elements * access.itemsize * 8 / machine.precision
        _add(words, access.name, size)
    return words


def _level(machine: Accelerator, number: int, words: dict[str, float]) -> LevelCost:
    level = machine.memories[number]
    energy = {name: count * machine.energy(number) for name, count in words.items()}
    return LevelCost(level.name, words, energy, busy(machine, number, words))


def _check_threads(accesses: Sequence[Access], machine: Accelerator) -> None:
    used = prod(loop.extent for loop in _threads(accesses).values())
    fits = used <= machine.multipliers
    demand(
        fits,
        f"the program binds {used} threads, machine {machine.name!r} has {machine.multipliers}",
    )


def _threads(accesses: Sequence[Access]) -> dict[str, Loop]:
    """The widest loop of every thread axis."""
    found: dict[str, Loop] = {}
    for loop in (loop for access in accesses for loop in access.loops):
        if loop.axis.startswith("threadIdx"):
            known = found.get(loop.axis)
            found[loop.axis] = loop if known is None or loop.extent > known.extent else known
    return found


def _axes(accesses: Sequence[Access]) -> list[str]:
    return [str(loop.var.name) for loop in _threads(accesses).values()]


def _add(sums: dict[str, float], name: str, amount: float) -> None:
    sums[name] = sums.get(name, 0.0) + amount
