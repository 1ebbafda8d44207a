"""A block that pads: ``A_padded[i, ...] = if_then_else(conditions, A[...], 0)``.

Which of its elements are zero whatever the other indices are is asked of TVM's analyzer, of a range
of indices at a time, so that the conditions may have any form that it sees through.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
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
        first = _longest(extent, lambda n: self._are_zero(dim, range(n)))
        rest = extent - first
        last = _longest(rest, lambda n: self._are_zero(dim, range(extent - n, extent)))
        return range(first, extent - last)

    def comb(self, dim: int) -> range | None:
        """The indices along a dimension that hold data, at a fixed step, all others being zero.

        None where that is every one, or none, as far as the analyzer can tell.
        """
        here, extent = self.block.iter_vars[dim].var, int(self.block.iter_vars[dim].dom.extent)
        for step in _steps(self.condition, here):
            combs = (range(first, extent, step) for first in range(step))
            holding = list(islice((comb for comb in combs if not self._are_zero(dim, comb)), 2))
            if len(holding) == 1:
                return holding[0]
        return None

    def _are_zero(self, dim: int, places: range) -> bool:
        """Whether every element at some indices is padding, as far as the analyzer can tell."""
        if not places:
            return True
        analyzer, here = Analyzer(), self.block.iter_vars[dim].var
        for iterator in self.block.iter_vars:
            if not iterator.var.same_as(here):
                analyzer.bind(iterator.var, iterator.dom)
        turn = tirx.Var("turn", here.ty)
        analyzer.bind(turn, Range(0, len(places)))
        index = turn * places.step + places.start
        return bool(analyzer.can_prove(tirx.Not(substitute(self.condition, {here: index}))))


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """The largest number up to ``most`` for which what holds for the smaller ones still holds."""
    return bisect(range(1, most + 1), False, key=lambda n: not holds(n))


def _steps(condition: Any, var: Any) -> list[int]:
    """What a condition takes remainders by, of something with a variable in it."""
    remainders = [remainder for remainder in collect(condition, FloorMod) if uses(remainder.a, var)]
    divisors = {constant(remainder.b) for remainder in remainders}
    return sorted(divisor for divisor in divisors if divisor is not None and divisor > 1)


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
    shape = [constant(extent) for extent in store.buffer.shape]
    pairs = zip(block.iter_vars, store.indices, shape, strict=True)
    return all(
        iterator.iter_type == tirx.IterVar.DataPar
        and iterator.var.same_as(index)
        and constant(iterator.dom.min) == 0
        and constant(iterator.dom.extent) == size
        and size is not None
        for iterator, index, size in pairs
    )
