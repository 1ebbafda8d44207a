"""An operator's example: what it takes, on small shapes, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from heron_ms._tvm import relax

Shape: TypeAlias = tuple[int, ...]
Argument: TypeAlias = Shape | tuple[Shape, str]


@dataclass(frozen=True)
class Example:
    """``call(op, *arguments)`` is the call, with ``op`` as `tvm.relax.op`.

    The arguments are float32 unless a type stands beside the shape; those of int64 are indices.
    ``given`` are values of arguments, by position, that random ones would not do for.
    """

    call: Callable[..., Any]
    takes: tuple[Argument, ...]
    given: dict[int, list[int]] = field(default_factory=dict)

    def module(self) -> Any:
        """A Relax module whose "main" calls the operator and nothing else."""
        kind = getattr(relax, "TensorType", None) or relax.TensorStructInfo
        arguments = [relax.Var(f"x{i}", kind(*typed(taken))) for i, taken in enumerate(self.takes)]
        builder = relax.BlockBuilder()
        with builder.function("main", arguments):
            with builder.dataflow():
                out = builder.emit_output(builder.emit(self.call(relax.op, *arguments)))
            builder.emit_func_output(out)
        return builder.get()

    def data(self) -> list[Any]:
        """The same random arrays each time, indices within the smallest dimension."""
        rng = np.random.default_rng(0)
        kinds = [typed(taken) for taken in self.takes]
        smallest = min((size for shape, _ in kinds for size in shape), default=1)
        below = {"bool": 2, "int64": smallest, "int32": 100, "int8": 100}
        arrays = [
            rng.integers(0, below[dtype], shape) if dtype in below else rng.normal(size=shape)
            for shape, dtype in kinds
        ]
        return [
            np.asarray(self.given.get(position, array), dtype)
            for position, (array, (_, dtype)) in enumerate(zip(arrays, kinds, strict=True))
        ]


def typed(given: Argument) -> tuple[Shape, str]:
    """The shape and the type of an argument."""
    if len(given) == 2 and isinstance(given[1], str):
        return given
    return given, "float32"


def called(name: str, *takes: Argument, **options: Any) -> Example:
    """The example of an operator that takes its arguments as they are, and options by name."""

    def call(op: Any, *arguments: Any) -> Any:
        for part in name.split("."):
            op = getattr(op, part)
        return op(*arguments, **options)

    return Example(call, takes)
