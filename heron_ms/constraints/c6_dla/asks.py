"""When the constraint rules of a platform are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from heron_ms._tvm import Instruction, SBlockRV
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State

After = Callable[[State, Instruction, tuple[Loop, ...]], None]
OfBlock = Callable[[State, SBlockRV], None]


@dataclass(frozen=True)
class Asks:
    """The constraint rules of a kind of machine.

    after: by the name of an instruction of the trace, which comes with the loops that it takes, as
    they were before. blocks: in the end, for every tensorized block.
    """

    after: Mapping[str, After] = field(default_factory=dict)
    blocks: tuple[OfBlock, ...] = ()
