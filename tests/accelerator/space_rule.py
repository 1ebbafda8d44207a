"""The space rule of the abacus: how many tiles are loaded at once.

Before: the loop inside of which A is loaded. After: the same with an annotation, whose value is
sampled. Emits C3 (the candidates) and C6.
"""

from __future__ import annotations

from heron_ms.space_generators.rules.sketching import Sketching

BURST = "abacus.burst"


def burst(sketching: Sketching) -> None:
    """A space rule of its own: how many tiles are loaded at once."""
    sch = sketching.sch
    length = sch.sample_categorical([1, 2, 4, 8], [0.25] * 4)
    sch.annotate(sketching.nest.inside(sketching.holding("A")), BURST, length)
