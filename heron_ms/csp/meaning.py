"""What a variable is of a program, for whoever learns from problems; the solver does not ask."""

from __future__ import annotations

from dataclasses import dataclass

ROWS, LANES, REDUCE = "rows", "lanes", "reduce"
"""Kinds of axes: a spatial axis of the right operand is lanes, any other one rows."""

COPY, TOUCHED, HELD = "copy", "touched", "held"
"""Kinds of bytes: of a copy, of an operand while some loops run, of all that a memory holds."""


@dataclass(frozen=True)
class Meaning:
    """What a variable is of a program, which its name tells people only.

    kind: of a factor of a tiled axis the kind of the axis; else the kind of the bytes that it is.
    level: of a factor, the level of the tiling, 0 outermost. memory: of bytes, the memory's name.
    """

    kind: str
    level: int = 0
    memory: str = ""
