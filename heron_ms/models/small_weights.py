"""Which functions of a model are called with small bytes alone: weights of 7 bits, say.

Before: ``lv = call_tir(conv2d, (x, w))`` with a constant w of int8. After, where none of w is
larger than 64: the same, and an attribute of conv2d says so of its second argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from heron_ms._tvm import GenericConst, IRModule, PrimFunc, operator_of, relax
from heron_ms.small_bytes import LARGEST, with_small_bytes


def with_small_weights(fused: IRModule) -> IRModule:
    """A fused model whose functions say which of their arguments are small bytes in every call."""
    calls: dict[str, list[list[Any]]] = {}
    for name, arguments in _calls(fused):
        calls.setdefault(name, []).append(arguments)
    result = fused.clone()
    for name, times in calls.items():
        func, small = fused[name], _small_in_all(times)
        if isinstance(func, PrimFunc) and small:
            result.update_func(fused.get_global_var(name), with_small_bytes(func, small))
    return result


def _small_in_all(times: list[list[Any]]) -> list[int]:
    """The positions of the arguments that are small bytes in every one of some calls."""
    return [at for at, given in enumerate(zip(*times, strict=False)) if all(map(_is_small, given))]


def _calls(mod: IRModule) -> Iterator[tuple[str, list[Any]]]:
    """The name of each function that is called, and what it is called with, as far as is known."""
    functions = [func for _, func in mod.functions_items() if isinstance(func, relax.Function)]
    for func in functions:
        for value in relax.analysis.get_var2val(func).values():
            if operator_of(value).startswith("relax.call_tir"):
                name, given = value.args[:2]
                yield str(name.name_hint), [*given] if isinstance(given, relax.Tuple) else []


def _is_small(argument: Any) -> bool:
    if not isinstance(argument, GenericConst) or str(argument.ty.dtype.dtype) != "int8":
        return False
    # In 16 bits, as the magnitude of -128 is no byte.
    return bool(np.abs(argument.value.numpy().astype("int16")).max(initial=0) <= LARGEST)
