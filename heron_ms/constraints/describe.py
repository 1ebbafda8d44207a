"""What the tile factors of a problem are: of which kind of axis, at which level of the tiling."""

from __future__ import annotations

from collections.abc import Iterator

from heron_ms.constraints import access
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp.meaning import LANES, REDUCE, ROWS, Meaning


def describe(state: State) -> None:
    """Give the factors of every sampled loop their meaning.

    A loop that no tiling structure has a place for counts its own factors.
    """
    levels, lanes = state.levels, set(_lanes(state))
    for loop, names in state.sampled:
        kind = REDUCE if loop.reduces else LANES if loop in lanes else ROWS
        for at, name in enumerate(names):
            child = loop.children[at] if at < len(loop.children) else None
            level = at if child is None else levels.get(child, at)
            state.model.means(name, Meaning(kind, level))


def _lanes(state: State) -> Iterator[Loop]:
    """The spatial axes of the right operand of the tensorized blocks."""
    for block in state.tensorized:
        node = state.sch.get(block)
        axes = state.axes_of(node)
        # A copy has one operand, of which nothing is added up.
        if len(node.reads) < 2:
            continue
        for dimension in access.reads(node, access.wider_factor(node)) or ():
            for iterator, _ in dimension.terms:
                axis = axes[iterator] if iterator < len(axes) else None
                if axis is not None and not axis.reduces:
                    yield axis
