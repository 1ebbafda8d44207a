"""Arguments that are constant, so that the tuner may choose their layout: MetaSchedule's words.

An attribute of a function lists the arguments of which the caller leaves the layout to the tuner. A
block that carries `PREPROC` brings one of them into the layout that the rest of the program reads.
MetaSchedule leaves these blocks out of what it measures, and Relax's SplitLayoutRewritePreproc
makes functions of them that run once a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc

LAYOUT_FREE = "layout_free_buffers"
"""Attribute of a function: the positions of such arguments."""

PREPROC = "meta_schedule.layout_rewrite_preproc"
"""Annotation of a block that copies such an argument into its new layout."""


def with_layout_free(func: PrimFunc, positions: Sequence[int]) -> PrimFunc:
    """The function with the layout of the arguments at some positions left to the tuner."""
    return func.with_attr(LAYOUT_FREE, list(positions))


def is_layout_free(mod: IRModule, buffer: Any) -> bool:
    """Whether a buffer is an argument of which some function of the module says so."""
    functions = [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
    params = (func.params[position] for func in functions for position in layout_free(func))
    return any(param.same_as(buffer) for param in params)


def layout_free(func: PrimFunc) -> list[int]:
    """The positions of such arguments."""
    return [int(position) for position in (func.attrs or {}).get(LAYOUT_FREE) or []]
