"""The pass: products and what surrounds them in integers, everything else as it was."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, PyExprMutator, mutator
from heron_ms.models.integers.families import PRODUCTS, READINGS
from heron_ms.models.integers.quantisation import real, requantized
from heron_ms.models.integers.reader import Reader, operator_of
from heron_ms.models.mutated import mutated


def integers(mod: IRModule) -> IRModule:
    """A quantised model with its integers left integers.

    Rewrites what lies between dequantise and quantise, in every function of Relax. It must run
    before operators are legalised and constants folded, which make floats of the weights.
    Functions without a quantised tensor come out as they are.
    """
    return mutated(mod, _Integers)


@mutator
class _Integers(PyExprMutator):  # type: ignore[misc]
    """Replaces products and quantises where all that they need has a view."""

    def __init__(self, mod: IRModule) -> None:
        super().__init__(mod)
        self._reader = Reader(self.builder_, READINGS)

    def visit_call_(self, call: Any) -> Any:
        call = super().visit_call_(call)
        name = operator_of(call)
        if name in PRODUCTS:
            return self._product(call, name)
        if name == "quantize":
            integer = requantized(self._reader, call)
            return call if integer is None else integer
        return call

    def _product(self, call: Any, name: str) -> Any:
        view = PRODUCTS[name](self._reader, call)
        if view is None:
            return call
        dtype = str(self.builder_.normalize(call).ty.dtype.dtype)
        var = self.builder_.emit(real(self._reader, view, dtype))
        self._reader.learn(var, view)
        return var
