"""Read the loads and stores of a scheduled function, with loops, conditions and bindings.

A block whose body is not made of stores (a tensor intrinsic) is taken by the regions that it
declares to read and write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from heron_ms._tvm import (
    BufferStore,
    For,
    IRModule,
    PrimFunc,
    SBlockRealize,
    TensorLoad,
    constant,
    reduces,
    tirx,
)
from heron_ms.errors import ModelError
from heron_ms.interstellar.tir.accesses import Access, Loop
from heron_ms.interstellar.tir.loads import inner, is_zero, loads
from heron_ms.interstellar.tir.place import Place, access_at
from heron_ms.interstellar.tir.regions import is_opaque, regions


def read_accesses(program: PrimFunc | IRModule) -> list[Access]:
    """Every load and store, in the order of the text.

    Raises `ModelError` for a loop whose extent is not constant and for a statement that is
    neither a loop, a block, a branch nor a store.
    """
    function = program["main"] if isinstance(program, IRModule) else program
    found = list(_statement(function.body, Place()))
    arguments = set(function.params)
    return [access if access.buffer in arguments else _lifetime(access, found) for access in found]


def _lifetime(access: Access, accesses: list[Access]) -> Access:
    """Count the loops around every use of its buffer."""
    depth = len(access.loops)
    for other in accesses:
        if other.buffer.same_as(access.buffer):
            pairs = zip(access.loops[:depth], other.loops, strict=False)
            depth = next(
                (p for p, (a, b) in enumerate(pairs) if a != b), min(depth, len(other.loops))
            )
    return replace(access, around=depth)


def _statement(node: Any, place: Place) -> Iterator[Access]:
    if isinstance(node, For):
        yield from _statement(node.body, replace(place, loops=(*place.loops, _loop(node))))
    elif isinstance(node, SBlockRealize):
        yield from _block(node, place)
    elif isinstance(node, BufferStore):
        yield from _store(node, place)
    elif isinstance(node, tirx.SeqStmt):
        yield from chain.from_iterable(_statement(part, place) for part in node.seq)
    elif isinstance(node, tirx.IfThenElse):
        yield from _branches(node, place)
    else:
        raise ModelError(f"cannot read a {type(node).__name__}: schedule before lowering")


def _branches(node: Any, place: Place) -> Iterator[Access]:
    yield from _statement(node.then_case, place.under(node.condition))
    if node.else_case is not None:
        yield from _statement(node.else_case, place.under(tirx.Not(node.condition)))


def _loop(node: Any) -> Loop:
    start, extent = constant(node.min), constant(node.extent)
    if start is None or extent is None:
        raise ModelError(f"loop {node.loop_var} has no constant extent: bind its shape first")
    axis = "" if node.thread_binding is None else str(node.thread_binding.thread_tag)
    kind = int(node.kind)
    parallel = kind == int(tirx.ForKind.PARALLEL)
    straight = kind in (int(tirx.ForKind.UNROLLED), int(tirx.ForKind.VECTORIZED))
    return Loop(node.loop_var, start, extent, axis or ("parallel" if parallel else ""), straight)


def _block(node: Any, outer: Place) -> Iterator[Access]:
    block = node.block
    pairs = zip(block.iter_vars, node.iter_values, strict=True)
    bindings = {**outer.bindings, **{each.var: value for each, value in pairs}}
    aliases = {**outer.aliases, **{m.buffer: m.source.source for m in block.match_buffers}}
    place = replace(outer, block=block, bindings=bindings, aliases=aliases).under(node.predicate)
    if is_opaque(block):
        yield from regions(block, place)
        return
    if block.init is not None:
        yield from _statement(block.init, _at_start(block, place))
    yield from _statement(block.body, place)


def _at_start(block: Any, place: Place) -> Place:
    """The initialisation runs where all reductions stand at their first value."""
    for iterator in block.iter_vars:
        if reduces(iterator):
            place = place.under(tirx.EQ(iterator.var, iterator.dom.min))
    return place


def _store(node: Any, place: Place) -> Iterator[Access]:
    value = node.value
    copies = isinstance(inner(value), TensorLoad)
    role = "copy" if copies else "store"
    if constant(value) is not None or isinstance(value, tirx.FloatImm) or is_zero(value):
        role = "fill"
    yield from loads(value, place, "copy" if copies else "load")
    for index in node.indices:
        yield from loads(index, place, "load")
    yield access_at(node.buffer, node.indices, place, True, role)
