"""What a platform says of its space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Schedule
from heron_ms.space_generators.rules.sketching import Rule

RestRule = Callable[[Schedule, Any], None]
"""A rule for what is left of a program once its blocks are tensorized; it gets the machine."""


@dataclass(frozen=True)
class Platform:
    """The rules of a kind of machine.

    blocks: applied in turn to every block that maps to an intrinsic. rest: then to the program.
    """

    blocks: tuple[Rule, ...]
    rest: tuple[RestRule, ...] = ()
