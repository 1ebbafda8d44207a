"""C4 AddStageFuse (Heron's constraint rules): the extents of a block moved into another nest.

The loops of a moved block cover what the block it moved to touches while the loops inside the new
place run: per dimension sum(|coefficient| x (range - 1)) + length. A block that serves one that was
moved further in covers what that one would at its place. Where an access is not affine
nothing is emitted and a note is left; MetaSchedule's postprocessors then decide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from heron_ms._tvm import For, LoopRV, SBlock, SBlockRealize, SBlockRV, outermost
from heron_ms.constraints import access
from heron_ms.constraints.access import Affine
from heron_ms.constraints.loops import Loop, span
from heron_ms.constraints.state import Place, State
from heron_ms.csp import Operand

SHARED = "shared"
"""How the scopes begin that all threads of a block see."""

PART = "_rf"
"""What TVM appends to the name of a block where it factors a reduction."""

OVER = ".over"
"""Behind the name of a moved block, in the names of how far one runs that was moved further in."""

SUMS = "sums"
"""Behind the name of a block that adds up parts, in the names of its own extents."""


def moved(state: State, block: SBlockRV, location: LoopRV, *, reverse: bool) -> None:
    """Describe the loops of a block after compute_at or, for a consumer, reverse_compute_at."""
    loop = state.sch.get_sref(location).stmt
    if not isinstance(loop, For):
        return
    node, name = state.sch.get(block), state.block_name(block)
    if name + PART in state.parts:
        name = f"{name}.{SUMS}"  # the axes of the parts have the name alone
    nodes = state.loops.below(block, loop)
    extents: list[Operand | None] = [None] * len(nodes)
    if location in state.sampled_locations:
        state.notes.append(f"{node.name_hint}: its loops depend on a sampled location")
    elif len(nodes) != len(node.iter_vars):
        state.notes.append(f"{node.name_hint}: its iterators are not its loops")
    else:
        extents = _extents(state, node, loop, name, reverse=reverse) or extents
    own = [Loop(f"{name}.{n.loop_var.name}", e) for n, e in zip(nodes, extents, strict=True)]
    for loop_node, described in zip(nodes, own, strict=True):
        state.loops.set(loop_node, described)
    if len(own) == len(node.iter_vars):
        # What is moved to this block next covers what these loops read.
        state.axes[str(node.name_hint)] = list(own)
        state.places[str(node.name_hint)] = Place(state.loops.at(loop), reverse=reverse)
    root = state.loops.root(loop)
    state.staged(_served(node, reverse=reverse), extents, root, drained=reverse)


def _served(node: SBlock, *, reverse: bool) -> Any:
    """The buffer that a moved block fills, or drains."""
    return (node.reads if reverse else node.writes)[0].source


def _extents(
    state: State, node: SBlock, loop: For, name: str, *, reverse: bool
) -> list[Operand | None] | None:
    """How far each iterator of a moved block runs in a loop, from the one block that it serves."""
    buffer = _served(node, reverse=reverse)
    touch, touched = (access.writes, access.reads) if reverse else (access.reads, access.writes)
    blocks = [realize.block for realize in outermost(loop, SBlockRealize)]
    partners = [b for b in blocks if not b.same_as(node) and touch(b, buffer) is not None]
    own = touched(node, buffer)
    if len(partners) != 1 or own is None:
        state.notes.append(f"{node.name_hint}: its region is not one affine access")
        return None
    theirs = touch(partners[0], buffer) or []
    shared = str(buffer.scope()).startswith(SHARED)
    ranges = _ranges(state, partners[0], loop, name, shared=shared)
    return [
        _extent(state, f"{name}.ax{p}", p, own, theirs, ranges) for p in range(len(node.iter_vars))
    ]


def _ranges(
    state: State, partner: SBlock, loop: For, name: str, *, shared: bool
) -> list[Operand | None]:
    """How far each iterator of the partner runs inside the loop, and over the threads around it.

    ``shared``: whether all threads of a block see what is moved, so that it serves them all. A
    partner that was moved further in runs as far as the one that it serves makes it.
    """
    place = state.places.get(str(partner.name_hint))
    if place is not None and place.loop is not state.loops.at(loop):
        over = name if name.endswith(OVER) else name + OVER
        return _extents(state, partner, loop, over, reverse=place.reverse) or []
    nodes = [*state.loops.below(partner, loop), *(_threads(state, partner) if shared else ())]
    inside = {part for node in nodes for part in _parts(state.loops.at(node))}
    return [
        1 if axis is None else span(state.model, axis, inside) for axis in state.axes_of(partner)
    ]


def _threads(state: State, partner: SBlock) -> list[For]:
    bound = [node for node in state.loops.around(partner) if node.thread_binding is not None]
    return [node for node in bound if str(node.thread_binding.thread_tag).startswith("threadIdx")]


def _parts(loop: Loop) -> tuple[Loop, ...]:
    """A loop, and those that it was fused from."""
    return (loop, *loop.fused)


def _extent(
    state: State,
    name: str,
    position: int,
    own: list[Affine],
    theirs: list[Affine],
    ranges: list[Operand | None],
) -> Operand | None:
    """The extent of one iterator of the moved block."""
    dimensions = [d for d, affine in enumerate(own) if any(p == position for p, _ in affine.terms)]
    if not dimensions:
        return 1
    mine, their = own[dimensions[0]], theirs[dimensions[0]]
    if len(dimensions) != 1 or len(mine.terms) != 1:
        return None
    if mine.terms[0][1] == 1 and mine.length == 1:
        return covered(state, name, their, ranges)
    if [c for _, c in their.terms] == [mine.terms[0][1]] and their.length == mine.length:
        source = their.terms[0][0]
        return ranges[source] if source < len(ranges) else None
    return None


def covered(
    state: State, name: str, touched: Affine, ranges: list[Operand | None]
) -> Operand | None:
    """Elements of one dimension that an access covers: sum(|c| x (range - 1)) + length."""
    rest = touched.length - sum(abs(coefficient) for _, coefficient in touched.terms)
    alone = rest == 0 and len(touched.terms) == 1
    terms: list[Operand] = []
    for position, coefficient in touched.terms:
        reach = ranges[position] if position < len(ranges) else None
        if reach is None:
            return None
        part = name if alone else f"{name}.term{position}"
        terms.append(state.model.product(part, [reach, abs(coefficient)], "C4"))
    rest += sum(term for term in terms if isinstance(term, int))
    open_terms: list[Operand] = [term for term in terms if isinstance(term, str)]
    if len(open_terms) == 1 and rest == 0:
        return open_terms[0]
    return state.model.total(name, [*open_terms, rest], "C4")


def repeated(state: State, block: SBlockRV, around: list[For], suffix: str = "") -> None:
    """The loops of a block split off another (its init, its rfactor) repeat the other's by name."""
    named = {f"{loop.loop_var.name}{suffix}": state.loops.at(loop) for loop in around}
    for loop in state.loops.around(block):
        if not state.loops.knows(loop) and str(loop.loop_var.name) in named:
            state.loops.set(loop, named[str(loop.loop_var.name)])


def count_out(state: State, block: SBlockRV, factor: Loop) -> None:
    """The loop that a reduction was factored by adds up nothing in the block of the parts."""
    for loop in state.loops.around(block):
        if state.loops.at(loop) is factor:
            state.loops.set(loop, replace(factor, reduces=False))
    state.parts.add(state.block_name(block))
