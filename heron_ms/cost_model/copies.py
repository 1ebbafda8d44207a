"""Where staged operands are copied, as far as it shows in what their size is computed from.

A copy lies outside of every loop that its size depends on, so the outermost level of these tells
its place.
"""

from __future__ import annotations

from heron_ms.cost_model.problem_structure import Split, Structure, block_of
from heron_ms.csp.meaning import COPY, REDUCE


def staged(structure: Structure) -> list[str]:
    """The variables that are bytes of a staged operand: of a block without tile decisions."""
    computed = {split.block for split in structure.splits}
    return [
        name
        for name in structure.problem.names
        if _is_copy(structure, name) and block_of(name) not in computed and structure.sources[name]
    ]


def outermost(structure: Structure, name: str) -> int:
    """The place of the outermost loop that a copy's size depends on, 0 the outermost of all."""
    sources = structure.sources[name]
    places = (level for _, level, factor in _loops(structure) if factor in sources)
    return min(places, default=0)


def loops_inside(structure: Structure, name: str) -> list[str]:
    """The factors of all loops that go on while a copy is not made anew."""
    at, sources = outermost(structure, name), structure.sources[name]
    whole = all(structure.kinds.get(source) != REDUCE for source in sources)
    return [
        factor
        for split, level, factor in _loops(structure)
        # A size that no reduction has a part in is of the reduction as a whole.
        if level >= at or (whole and split.kind == REDUCE)
    ]


def _loops(structure: Structure) -> list[tuple[Split, int, str]]:
    return [
        (split, level, factor)
        for split in structure.splits
        for level, factor in zip(split.levels, split.factors, strict=True)
    ]


def _is_copy(structure: Structure, name: str) -> bool:
    meaning = structure.meanings.get(name)
    return meaning is not None and meaning.kind == COPY
