"""The pass: convolutions with channels last, and what follows them, as far as it goes.

Before: ``y = conv2d(x, w)`` in NCHW. After: ``y' = conv2d(permute(x), w')`` in NHWC with a weight
that is permuted while compiling, and ``y = permute(y')``. An operator that does not care for the
order of axes and reads such a permutation computes on y' and is permuted in its place, so the
permutations meet where data come in and where somebody does care; the others are dead code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import IRModule, PyExprMutator, mutator, operator_of, relax
from heron_ms.models.layout.forms import Forms
from heron_ms.models.layout.rules import RULES
from heron_ms.models.mutated import mutated


def channels_last(mod: IRModule) -> IRModule:
    """A model with its convolutions of constant weights in NWC, NHWC or NDHWC.

    With channels last a row of weights and a row of outputs are contiguous, and the input of a dot
    product too: what matrix units read (Intel, oneDNN developer guide, "Memory format
    propagation"). The model's own inputs and outputs keep their layout. Bind parameters first.
    """
    return mutated(mod, _ChannelsLast)


@mutator
class _ChannelsLast(PyExprMutator):  # type: ignore[misc]
    """Asks the rule of each operator."""

    def __init__(self, mod: IRModule) -> None:
        super().__init__(mod)
        self._forms = Forms(self.builder_)

    def visit_binding_block_(self, block: Any) -> Any:
        return self._apart(super().visit_binding_block_, block)

    def visit_dataflow_block_(self, block: Any) -> Any:
        return self._apart(super().visit_dataflow_block_, block)

    def _apart(self, visit: Callable[[Any], Any], block: Any) -> Any:
        self._forms.forget()
        changed = visit(block)
        self._forms.forget()
        return changed

    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        rule = RULES.get(operator_of(call).removeprefix("relax."))
        moved = rule(self._forms, call) if rule else None
        return call if moved is None else moved

    def visit_tuple_getitem_(self, item: Any) -> Any:
        item = super().visit_tuple_getitem_(item)
        members = self._forms.bound(item.tuple_value)
        return members.fields[item.index] if isinstance(members, relax.Tuple) else item
