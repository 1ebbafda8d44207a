"""Where the reader of a program stands, and the access that it meets there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from heron_ms._tvm import constant
from heron_ms.interstellar.tir.accesses import Access, Loop


@dataclass(frozen=True)
class Place:
    """The block, the loops, the conditions and the meaning of variables at a statement.

    ``aliases``: the buffers that the views of a block stand for.
    """

    block: Any = None
    loops: tuple[Loop, ...] = ()
    conditions: tuple[Any, ...] = ()
    bindings: Mapping[Any, Any] = field(default_factory=dict)
    aliases: Mapping[Any, Any] = field(default_factory=dict)

    def under(self, condition: Any) -> Place:
        """The same place where a condition holds as well."""
        known = constant(condition)
        return self if known else replace(self, conditions=(*self.conditions, condition))


def access_at(buffer: Any, indices: Any, place: Place, write: bool, role: str) -> Access:
    """An access of one element; a view counts as the buffer behind it."""
    source = buffer
    while source in place.aliases:
        source = place.aliases[source]
    name = "root" if place.block is None else str(place.block.name_hint)
    return Access(
        block=name,
        buffer=source,
        write=write,
        role=role,
        indices=tuple(indices),
        shape=(1,) * len(indices),
        loops=place.loops,
        conditions=place.conditions,
        bindings=place.bindings,
    )
