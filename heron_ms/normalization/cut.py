"""A block over a part of its iterators' ranges, on buffers that hold only that part.

Both the padded copy and the einsum of a run, or of a phase, are such cuts of the blocks that they
come from. What is kept of an iterator or of a dimension is a range, of every value or of every
second one, say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from heron_ms._tvm import (
    Analyzer,
    And,
    BufferStore,
    Call,
    Range,
    SBlock,
    Select,
    TensorLoad,
    TensorRegion,
    structural_map,
    substitute,
    tirx,
)
from heron_ms.normalization.padding import choice_of


@dataclass(frozen=True)
class Part:
    """``new`` holds of ``old`` the indices ``kept`` by dimension, and all of other dimensions."""

    old: Any
    new: Any
    kept: Mapping[int, range]


def part_of(buffer: Any, name: str, kept: Mapping[int, range]) -> Part:
    """A new buffer for the indices ``kept`` of one, by dimension."""
    shape, ty = list(buffer.shape), buffer.ty
    for dim, indices in kept.items():
        shape[dim] = tirx.const(len(indices), str(shape[dim].ty))
    new = tirx.decl_buffer(
        shape,
        str(buffer.dtype),
        name,
        elem_offset=ty.elem_offset,
        scope=buffer.scope(),
        data_alignment=ty.data_alignment,
        offset_factor=ty.offset_factor,
        # One for the old shape would have the old strides.
        layout=None if ty.layout is None else "default",
    )
    return Part(buffer, new, kept)


def cut(block: Any, name: str, kept: Mapping[int, range], parts: Sequence[Part]) -> Any:
    """The block with some iterators, by position, kept to a range, and with parts of its buffers.

    Iterators start from zero again and count by one. Conditions that always hold then are left out.
    """
    iterators = [_iterator(iterator, kept.get(p)) for p, iterator in enumerate(block.iter_vars)]
    values = {
        old.var: _value(new.var, kept[p]) if p in kept else new.var
        for p, (old, new) in enumerate(zip(block.iter_vars, iterators, strict=True))
    }
    mover = _Mover(parts, _analyzer(iterators))

    def moved(node: Any) -> Any:
        return node if node is None else mover.move(substitute(node, values))

    reads, writes = (
        [moved(region) for region in regions] for regions in (block.reads, block.writes)
    )
    body, init = moved(block.body), moved(block.init)
    return SBlock(iterators, reads, writes, name, body, init, annotations=block.annotations)


def _iterator(old: Any, kept: range | None) -> Any:
    variable = tirx.Var(str(old.var.name), old.var.ty)
    length = old.dom.extent if kept is None else tirx.const(len(kept), str(old.var.ty))
    return tirx.IterVar(Range.from_min_extent(old.dom.min, length), variable, old.iter_type)


def _value(counter: Any, kept: range) -> Any:
    """The value of an iterator, by its number among those that are kept."""
    return (counter if kept.step == 1 else counter * kept.step) + kept.start


def _number(value: Any, kept: range) -> Any:
    """The number of an index among those that are kept, each of which has one."""
    offset = value - kept.start
    return offset if kept.step == 1 else tirx.floordiv(offset, kept.step)


def _analyzer(iterators: list[Any]) -> Any:
    analyzer = Analyzer()
    for iterator in iterators:
        analyzer.bind(iterator.var, iterator.dom)
    return analyzer


@dataclass(frozen=True)
class _Mover:
    """Points accesses to the parts of buffers, and simplifies indices and conditions."""

    parts: Sequence[Part]
    analyzer: Any

    def move(self, node: Any) -> Any:
        """A statement or a region with everything in it moved."""
        entries = [
            (TensorLoad, self._load),
            (BufferStore, self._store),
            (TensorRegion, self._region),
            (Call, self._choice),
            (Select, self._choice),
        ]
        return structural_map(node, entries)

    def _load(self, load: Any) -> Any:
        return tirx.BufferLoad(*self._access(load.source, load.indices))

    def _store(self, store: Any) -> Any:
        buffer, indices = self._access(store.buffer, store.indices)
        return BufferStore(buffer, store.value, indices)

    def _region(self, region: Any) -> Any:
        buffer, starts = self._access(region.source, [interval.min for interval in region.region])
        pairs = zip(starts, region.region, strict=True)
        ranges = [Range.from_min_extent(start, old.extent) for start, old in pairs]
        return tirx.BufferRegion(buffer, ranges)

    def _access(self, buffer: Any, indices: Any) -> tuple[Any, list[Any]]:
        places = list(indices)
        for part in self.parts:
            if part.old.same_as(buffer):
                buffer = part.new
                for dim, kept in part.kept.items():
                    places[dim] = _number(places[dim], kept)
        # Knowing the ranges, the analyzer would drop iterators of extent one from the access.
        return buffer, [Analyzer().simplify(place) for place in places]

    def _choice(self, value: Any) -> Any:
        choice = choice_of(value)
        if choice is None:
            return value
        open_ones = [
            conjunct for conjunct in _conjuncts(choice.condition) if not self._holds(conjunct)
        ]
        if not open_ones:
            return choice.value
        condition = reduce(And, [self.analyzer.simplify(conjunct) for conjunct in open_ones])
        return tirx.if_then_else(condition, choice.value, choice.otherwise)

    def _holds(self, condition: Any) -> bool:
        return bool(self.analyzer.can_prove(condition))


def _conjuncts(condition: Any) -> list[Any]:
    if isinstance(condition, And):
        return _conjuncts(condition.a) + _conjuncts(condition.b)
    return [condition]
