"""Key variables: which ones a child inherits from its parents (Heron's CGA)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from numpy.random import Generator

from heron_ms.presets import Preset

FEWEST = 2


def key_variables(
    names: Sequence[str], importance: Mapping[str, float], preset: Preset, rng: Generator
) -> tuple[str, ...]:
    """A share of a sketch's variables, ``key_share`` of the preset: as its ``keys`` says."""
    number = min(max(FEWEST, ceil(preset.key_share * len(names))), len(names))
    if preset.keys == "random":
        return tuple(names[p] for p in rng.permutation(len(names))[:number])
    known = sorted((n for n in names if n in importance), key=lambda n: -importance[n])
    return tuple(known[:number])
