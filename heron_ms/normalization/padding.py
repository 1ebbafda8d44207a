"""A block that pads: ``A_padded[i, ...] = if_then_else(conditions, A[...], 0)``.

Which of its elements are zero whatever the other indices are is asked of TVM's analyzer, an index
at a time, so that the conditions may have any form that it sees through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Analyzer, BufferStore, Call, Select, constant, substitute, tirx


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

    def _is_zero(self, dim: int, index: int) -> bool:
        """Whether every element at an index is padding, as far as the analyzer can tell."""
        analyzer, here = Analyzer(), self.block.iter_vars[dim].var
        for each in self.block.iter_vars:
            if not each.var.same_as(here):
                analyzer.bind(each.var, each.dom)
        fixed = substitute(self.condition, {here: tirx.const(index, str(here.ty))})
        return bool(analyzer.can_prove(tirx.Not(fixed)))


def read_padding(block: Any) -> Padding | None:
    """Read a TensorIR ``SBlock``; None where it does not pad a copy with zeros."""
    store = block.body
    if block.init is not None or not isinstance(store, BufferStore):
        return None
    choice = choice_of(store.value)
    if choice is None or not _is_zero_literal(choice.otherwise) or not _fills(block, store):
        return None
    return Padding(block, choice.condition)


def choice_of(value: Any) -> Choice | None:
    """The parts of a choice between two values; None for any other expression."""
    if isinstance(value, Select):
        return Choice(value.condition, value.true_value, value.false_value)
    if isinstance(value, Call) and str(getattr(value.op, "name", "")).endswith("if_then_else"):
        return Choice(*value.args)
    return None


def _is_zero_literal(value: Any) -> bool:
    return isinstance(value, (tirx.IntImm, tirx.FloatImm)) and value.value == 0


def _fills(block: Any, store: Any) -> bool:
    """Whether the block writes each element of its buffer once, at the indices of its iterators."""
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
