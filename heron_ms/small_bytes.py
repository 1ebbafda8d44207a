"""Arguments of int8 that are known to be small: weights quantised to a reduced range.

VPMADDUBSW adds two products of an unsigned and a signed byte in 16 bits, where they saturate if the
signed ones may be any. With at most 64 they do not: 2 * 255 * 64 = 32,640. So ONNX Runtime's guide
to quantisation advises weights of 7 bits for x86 without VNNI (``reduce_range``). Whether a model
has them is an attribute of the functions that it calls with its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc

LARGEST = 64
"""The largest magnitude of a small byte."""

_SMALL = "heron_ms.small_bytes"
"""Attribute of a function: the positions of such arguments."""


def with_small_bytes(func: PrimFunc, positions: Sequence[int]) -> PrimFunc:
    """The function, of which the arguments at some positions are small bytes; itself for none."""
    return func.with_attr(_SMALL, list(positions)) if positions else func


def small_bytes(func: PrimFunc) -> list[int]:
    """The positions of such arguments."""
    return [int(position) for position in (func.attrs or {}).get(_SMALL) or []]


def small_buffers(mod: IRModule) -> list[Any]:
    """The arguments of all functions of a module that are small bytes."""
    functions = [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
    return [func.params[position] for func in functions for position in small_bytes(func)]
