"""The name of a dataflow, U|V: the loops that are unrolled on the two sides of the array."""

from __future__ import annotations

from heron_ms.interstellar.nest.mapping import Dims, Mapping


def label_of(mapping: Mapping) -> str:
    """``OC|IC``, with a replicated loop after a dot: ``FX.IC|OC``; "-" where nothing is."""
    levels = [_text(mapping, level) for level in range(len(mapping.levels))]
    return " + ".join(level for level in levels if level) or "-"


def _text(mapping: Mapping, level: int) -> str:
    dims = mapping.dimensions(level)
    used = [tuple(loop for loop in dim if mapping.spatial(level, loop) > 1) for dim in dims]
    return text_of(tuple(dim for dim in used if dim))


def text_of(dims: Dims) -> str:
    """The label of the dimensions of one array."""
    return "|".join(".".join(dim) for dim in dims)
