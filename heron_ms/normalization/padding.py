"""A block that pads: ``A_padded[i, ...] = if_then_else(conditions, A[...], 0)``.

Which of its elements are zero whatever the other indices are is asked of TVM's analyzer, an index
at a time, so that the conditions may have any form that it sees through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import (
    Analyzer,
    BufferStore,
    Call,
    FloorMod,
    Range,
    Select,
    collect,
    constant,
    substitute,
    tirx,
    uses,
)


@dataclass(frozen=True)
class Choice:
    """``value`` where ``condition`` holds, else ``otherwise``."""

    condition: Any
    value: Any
    otherwise: Any


@dataclass(frozen=True)
class Padding:
    """The block of a padded copy; its iterators are the indices of the buffer that it writes."""

    block: Any
    condition: Any

    @property
    def buffer(self) -> Any:
        """The padded copy."""
        return self.block.body.buffer

    def data(self, dim: int) -> range:
        """Indices along a dimension without the leading and the trailing ones that are padding."""
        extent = int(self.block.iter_vars[dim].dom.extent)
        first = next((i for i in range(extent) if not self._is_zero(dim, i)), extent)
        last = next((i for i in range(extent - 1, first, -1) if not self._is_zero(dim, i)), first)
        return range(first, min(last + 1, extent))

    def comb(self, dim: int) -> range | None:
        """Every how manieth index along a dimension holds data, all others being zero.

        None where that is every one, or none, as far as the analyzer can tell.
        """
        here, extent = self.block.iter_vars[dim].var, int(self.block.iter_vars[dim].dom.extent)
        for step in _steps(self.condition, here):
            found = [first for first in range(step) if not self._is_empty(dim, first, step)]
            if len(found) == 1:
                return range(found[0], extent, step)
        return None

    def _is_empty(self, dim: int, first: int, step: int) -> bool:
        """Whether every element at every step-th index from the first on is zero."""
        iterator = self.block.iter_vars[dim]
        count = len(range(first, int(iterator.dom.extent), step))
        turn = tirx.Var("turn", iterator.var.ty)
        return not count or self._is_zero_at(dim, turn * step + first, {turn: count})

    def _is_zero(self, dim: int, index: int) -> bool:
        here = self.block.iter_vars[dim].var
        return self._is_zero_at(dim, tirx.const(index, str(here.ty)), {})

    def _is_zero_at(self, dim: int, index: Any, extents: dict[Any, int]) -> bool:
        """Whether every element at an index is padding, as far as the analyzer can tell."""
        analyzer, here = Analyzer(), self.block.iter_vars[dim].var
        for each in self.block.iter_vars:
            if not each.var.same_as(here):
                analyzer.bind(each.var, each.dom)
        for var, extent in extents.items():
            analyzer.bind(var, Range(0, extent))
        return bool(analyzer.can_prove(tirx.Not(substitute(self.condition, {here: index}))))


def _steps(condition: Any, var: Any) -> list[int]:
    """What a condition takes remainders by, of something with a variable in it."""
    remainders = [each for each in collect(condition, FloorMod) if uses(each.a, var)]
    found = {constant(each.b) for each in remainders}
    return sorted(each for each in found if each is not None and each > 1)


def read_padding(block: Any) -> Padding | None:
    """Read a TensorIR ``SBlock``; None where it does not pad a copy with zeros."""
    store = block.body
    if block.init is not None or not isinstance(store, BufferStore):
        return None
    choice = choice_of(store.value)
    if choice is None or not is_zero(choice.otherwise) or not fills(block, store):
        return None
    return Padding(block, choice.condition)


def choice_of(value: Any) -> Choice | None:
    """The parts of a choice between two values; None for any other expression."""
    if isinstance(value, Select):
        return Choice(value.condition, value.true_value, value.false_value)
    if isinstance(value, Call) and str(getattr(value.op, "name", "")).endswith("if_then_else"):
        return Choice(*value.args)
    return None


def is_zero(value: Any) -> bool:
    """Whether an expression is the literal zero."""
    return isinstance(value, (tirx.IntImm, tirx.FloatImm)) and value.value == 0


def fills(block: Any, store: Any) -> bool:
    """Whether a block writes each element of its buffer once, at the indices of its iterators."""
    if len(store.indices) != len(block.iter_vars):
        return False
    shape = [constant(each) for each in store.buffer.shape]
    pairs = zip(block.iter_vars, store.indices, shape, strict=True)
    return all(
        iterator.iter_type == tirx.IterVar.DataPar
        and iterator.var.same_as(index)
        and constant(iterator.dom.min) == 0
        and constant(iterator.dom.extent) == size
        and size is not None
        for iterator, index, size in pairs
    )
