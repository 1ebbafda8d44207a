"""A problem as tokens: what a variable is, by its part in the constraints instead of by its name.

A token is the kinds of axes that a variable is computed from, the depth of its split, what it
measures, and the capacity that bounds it (after the tokens of Heron's extension, IEEE Trans.
Computers 2025). It means the same in every sketch and every program, so that a model that reads
tokens learns from all sketches together, and can read a problem it never saw.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from heron_ms.cost_model.copies import loops_inside, outermost, staged
from heron_ms.cost_model.problem_structure import Level, Split, Structure
from heron_ms.csp import TUNABLE
from heron_ms.csp.meaning import LANES, ROWS

OUTPUT = f"{LANES}+{ROWS}"
"""The signature of what a block writes: no reduction has a part in it."""


@dataclass(frozen=True)
class Token:
    """A feature of assignments: ``offset`` + sum of weight x log2(variable).

    Where a problem has several of one ``name`` (of two blocks, say), the largest counts.
    """

    name: str
    weights: Mapping[str, float]
    offset: float = 0.0


def tokens(structure: Structure) -> list[Token]:
    """All tokens of a problem."""
    return [
        *(token for group in _by_block(structure) for token in _splits(group)),
        *(token for level in structure.levels for token in _level(structure, level)),
        *(token for name in staged(structure) for token in _copy(structure, name)),
        *_others(structure),
    ]


def _by_block(structure: Structure) -> list[list[Split]]:
    blocks = dict.fromkeys(split.block for split in structure.splits)
    return [[split for split in structure.splits if split.block == name] for name in blocks]


def _splits(splits: Sequence[Split]) -> Iterator[Token]:
    """Factors of all axes of a kind multiplied, at each depth, and from there inwards."""
    for kind in dict.fromkeys(split.kind for split in splits):
        factors = [split.factors for split in splits if split.kind == kind]
        for depth in range(max(map(len, factors))):
            here = [axis[depth] for axis in factors if depth < len(axis)]
            inner = [name for axis in factors for name in axis[depth:]]
            yield Token(f"{kind}.{depth}", dict.fromkeys(here, 1.0))
            yield Token(f"{kind}.{depth}+", dict.fromkeys(inner, 1.0))


def _level(structure: Structure, level: Level) -> Iterator[Token]:
    """How full a level of memory is, and the bytes that it holds for each step inside of it.

    A level is filled anew whenever a loop outside of it goes on, so bytes over the steps inside is
    what moves for each step of the whole program.
    """
    steps = dict.fromkeys(structure.sources[level.total], -1.0)
    yield Token(f"{level.name}.full", {level.total: 1.0}, -math.log2(level.capacity))
    yield Token(f"{level.name}.moved", _plus(level.total, steps))
    for part in level.parts:
        of = structure.signature(part)
        yield Token(f"{level.name}.bytes.{of}", {part: 1.0})
        yield Token(f"{level.name}.moved.{of}", _plus(part, steps))
        yield Token(f"{level.name}.share.{of}", _plus(part, {level.total: -1.0}))


def _copy(structure: Structure, name: str) -> Iterator[Token]:
    """Of a staged operand: bytes, where it is copied, and bytes for each step of the program."""
    of, place = structure.signature(name), float(outermost(structure, name))
    moved = _plus(name, dict.fromkeys(loops_inside(structure, name), -1.0))
    yield Token(f"copy.bytes.{of}", {name: 1.0})
    # The second names are shared by all operands: a task may be the first to copy this one.
    for which in (of, *([] if of == OUTPUT else ["operand"])):
        yield Token(f"copy.at.{which}", {}, place)
        yield Token(f"copy.moved.{which}", moved)


def _others(structure: Structure) -> Iterator[Token]:
    """All other variables, by what they measure and the axes that they are computed from."""
    for variable in structure.problem.variables:
        name = variable.name
        if variable.role == TUNABLE and name not in structure.kinds:
            yield Token(f"choice.{_measure(name)}", {name: 1.0})
        elif variable.role != TUNABLE and variable.meaning is None:
            yield Token(f"{_measure(name)}.{structure.signature(name)}", {name: 1.0})


def _measure(name: str) -> str:
    """What a variable measures: the last word of its name, without the number of a dimension."""
    last = name.split(".")[-1].split("~")[0]
    return "extent" if last[0].isdigit() else last.rstrip("0123456789+")


def _plus(name: str, weights: Mapping[str, float]) -> dict[str, float]:
    return {**weights, name: weights.get(name, 0.0) + 1.0}
