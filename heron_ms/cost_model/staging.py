"""Where staged operands are copied, as far as it shows in what their size is computed from.

Multi-level tiling nests its loops S S R S R S, outermost first. A copy lies outside of every loop
that its size depends on, so the outermost of these tells its place.
"""

from __future__ import annotations

from heron_ms.cost_model.structure import REDUCE, Split, Structure, block_of


def staged(structure: Structure) -> list[str]:
    """The variables that are bytes of a staged operand: of a block without tile decisions."""
    computed = {each.block for each in structure.splits}
    return [
        name
        for name in structure.problem.names
        if name.endswith(".bytes") and block_of(name) not in computed and structure.sources[name]
    ]


def outermost(structure: Structure, name: str) -> int:
    """The place of the outermost loop that a copy's size depends on, 0 the outermost of all."""
    sources = structure.sources[name]
    places = (
        _place(split, depth) for split, depth, factor in _loops(structure) if factor in sources
    )
    return min(places, default=0)


def loops_inside(structure: Structure, name: str) -> list[str]:
    """The factors of all loops that go on while a copy is not made anew."""
    at, sources = outermost(structure, name), structure.sources[name]
    whole = all(structure.kinds.get(each) != REDUCE for each in sources)
    return [
        factor
        for split, depth, factor in _loops(structure)
        # A size that no reduction has a part in is of the reduction as a whole.
        if _place(split, depth) >= at or (whole and split.kind == REDUCE)
    ]


def _loops(structure: Structure) -> list[tuple[Split, int, str]]:
    return [(split, d, name) for split in structure.splits for d, name in enumerate(split.factors)]


def _place(split: Split, depth: int) -> int:
    if split.kind == REDUCE:
        return 2 + 2 * depth
    return depth if depth < 2 else 2 * depth - 1
