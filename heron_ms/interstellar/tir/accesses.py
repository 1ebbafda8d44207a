"""A load or a store of a program, with all that decides how often it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from heron_ms.interstellar.tir.values import variables


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop: its variable, first value, iterations, and the thread axis it is bound to.

    ``axis`` is "threadIdx.x" and the like, "parallel" for a parallel loop, "" for one in time.
    ``straight``: whether its iterations are written out, or are the lanes of a vector.
    The accesses inside a loop share one object, which is equal to itself alone.
    """

    var: Any
    start: int
    extent: int
    axis: str = ""
    straight: bool = False

    def values(self) -> Any:
        """All values of its variable."""
        return np.arange(self.start, self.start + self.extent)


@dataclass(frozen=True)
class Access:
    """One load or store in the text of a program.

    ``block``: the block around it. ``buffer``: what is accessed, ``name``, ``scope`` and
    ``itemsize`` (bytes) being its own. ``indices``: where each dimension starts, ``shape``: the
    elements of each from there, all 1 but for the operands of an intrinsic. ``loops``: from the
    outermost in. It happens only where every one of ``conditions`` holds. ``bindings`` give the
    expressions that the variables of blocks stand for.

    ``role``: "load", "store", "fill" (a store of a constant, which starts an accumulation) or
    "copy" (the load, and the store, of a block that does nothing but copy). ``around``: how many of
    the loops are around every use of the buffer, which is 0 for the function's arguments.
    """

    block: str
    buffer: Any
    write: bool
    role: str
    indices: tuple[Any, ...]
    shape: tuple[int, ...]
    loops: tuple[Loop, ...]
    conditions: tuple[Any, ...]
    bindings: Mapping[Any, Any]
    around: int = 0

    @property
    def name(self) -> str:
        """The buffer's name."""
        return str(self.buffer.name)

    @property
    def scope(self) -> str:
        """The buffer's storage scope."""
        return str(self.buffer.scope())

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return bits(str(self.buffer.dtype)) // 8 or 1

    @cached_property
    def variables(self) -> tuple[set[Any], ...]:
        """The loop variables that the index of each dimension depends on."""
        return tuple(variables(index, self.bindings) for index in self.indices)

    @cached_property
    def moving(self) -> list[Loop]:
        """The loops that move an access through its buffer, from the outermost in.

        A loop around all uses of a buffer that the program makes for itself does not: each of its
        iterations starts the buffer anew.
        """
        used = set[Any]().union(*self.variables)
        return [loop for loop in self.loops[self.around :] if loop.extent > 1 and loop.var in used]

    @cached_property
    def counted(self) -> dict[tuple[Any, ...], int]:
        """Its different elements, by dimensions and loops, for those who count to keep them."""
        return {}

    @property
    def elements(self) -> int:
        """Elements that one execution touches."""
        return prod(self.shape)


def bits(dtype: str) -> int:
    """The width of a type by its name, such as 16 for "bfloat16"."""
    digits = "".join(c for c in dtype.split("x")[0] if c.isdigit())
    return int(digits) if digits else 8
