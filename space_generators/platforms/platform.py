"""What a platform says of its space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Schedule
from heron_ms.space_generators.choices import Place
from heron_ms.space_generators.rules.sketching import Rule
from heron_ms.space_generators.windows import Window

RestRule = Callable[[Schedule, Any], None]
"""A rule for what is left of a program once its blocks are tensorized; it gets the machine."""


WindowRule = Callable[[Schedule, Any, Window, Place], None]
"""A rule for a block that slides a window; it gets the machine, and where the data is made."""


@dataclass(frozen=True)
class Platform:
    """The rules of a kind of machine.

    blocks: applied in turn to every block that maps to an intrinsic. rest: then to the program.
    stock: the kind of target whose rules of MetaSchedule's a program gets that maps to none.
    window: applied to every block that slides a window, which then maps to no intrinsic.
    lays_out: whether constant weights are laid out ahead in the order in which loops read them.
    """

    blocks: tuple[Rule, ...]
    rest: tuple[RestRule, ...] = ()
    stock: str = "llvm"
    window: WindowRule | None = None
    lays_out: bool = True
