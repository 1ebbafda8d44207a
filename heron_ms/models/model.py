"""A model as everything behind the front ends takes it: Relax, its inputs and its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from heron_ms._tvm import Call, IRModule, collect
from heron_ms.hardware import Machine
from heron_ms.models.halves import multiplying_halves
from heron_ms.models.passes import prepared


@dataclass(frozen=True)
class Input:
    """What a model is given at each call: elements of ``dtype``, as TVM spells it."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Model:
    """A Relax module whose "main" takes ``inputs`` in that order and returns ``outputs``.

    Weights are constants of the module. ``outputs`` are names: of one, "main" returns the tensor
    itself, of several, a tuple. ``source`` says where it came from, for messages and reports.
    """

    mod: IRModule
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    source: str

    @cached_property
    def fused(self) -> IRModule:
        """The module of its tasks, as `tune_relax` and `compile_relax` make it."""
        return prepared(self.mod)

    @cached_property
    def dtypes(self) -> frozenset[str]:
        """Of all that is computed, which need not be what is given: tokens, images of float32."""
        functions = [func for _, func in self.mod.functions_items()]
        calls = (call for func in functions for call in collect(func, Call))
        computed = {str(getattr(call.ty, "dtype", None)) for call in calls}
        return frozenset(computed | {given.dtype for given in self.inputs})

    def on(self, machine: Machine) -> Model:
        """The model as a machine gets it, whose tasks may be others."""
        mod = multiplying_halves(self.mod, machine)
        return self if mod is self.mod else replace(self, mod=mod)


def model_of(
    mod: IRModule, source: str, inputs: Sequence[str] = (), outputs: Sequence[str] = ()
) -> Model:
    """A model of a module whose shapes are constants; names that are not given come from it."""
    main = mod["main"]
    names = inputs or [str(param.name) for param in main.params]
    return Model(
        mod,
        tuple(
            Input(name, tuple(int(size) for size in param.ty.shape), str(param.ty.dtype))
            for name, param in zip(names, main.params, strict=True)
        ),
        tuple(outputs) or _numbered(main.ret_ty),
        source,
    )


def _numbered(returned: Any) -> tuple[str, ...]:
    """A name for each output of a function that gives them none."""
    count = len(returned.fields) if hasattr(returned, "fields") else 1
    return ("output",) if count == 1 else tuple(f"output.{place}" for place in range(count))
