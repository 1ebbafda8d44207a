"""Intrinsics by name, and how to make one.

A family of many, such as one for each height of a tile, is declared by its names and made when one
of them is first asked for: on a machine that has no use for it, it takes no time. TVM, which cannot
be told of names alone, knows an intrinsic once it is made; whoever has a trace as text sees to that
(`traces`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import replace
from typing import Any

from heron_ms._tvm import PrimFunc, TensorIntrin, structural_equal
from heron_ms.errors import IntrinsicError
from heron_ms.hardware import Machine
from heron_ms.hardware.cpu.isa import INTRINSIC_FEATURES
from heron_ms.intrinsics.build import Emit, Tile, describe, implement
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.pack import packers
from heron_ms.intrinsics.swapped import SUFFIX, exchange_factors


class Known(MutableMapping[str, Intrinsic]):
    """Intrinsics by name, some of which are made when they are first looked up."""

    def __init__(self) -> None:
        self._entries: dict[str, Intrinsic | Callable[[], Intrinsic]] = {}

    def declare(self, name: str, make: Callable[[], Intrinsic]) -> None:
        """A name, and what makes the intrinsic of that name."""
        self._entries[name] = make

    def __getitem__(self, name: str) -> Intrinsic:
        entry = self._entries[name]
        if not isinstance(entry, Intrinsic):
            entry = self._entries[name] = entry()
        return entry

    def __setitem__(self, name: str, intrinsic: Intrinsic) -> None:
        self._entries[name] = intrinsic

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


INTRINSICS = Known()
"""Every intrinsic that a machine can list."""


def declare(name: str, make: Callable[[], Intrinsic]) -> str:
    """Makes an intrinsic known by its name as `register` does, once it is asked for; its name."""
    INTRINSICS.declare(name, lambda: _told(make()))
    return name


def register(intrinsic: Intrinsic) -> Intrinsic:
    """Makes an intrinsic known by its name, to `INTRINSICS` and to TVM, and returns it.

    The same one may be registered again. Raises IntrinsicError if another one has that name.
    """
    known = INTRINSICS.setdefault(intrinsic.name, intrinsic)
    if known is not intrinsic and not _same(known, intrinsic):
        raise IntrinsicError(f"intrinsic {intrinsic.name!r}: another one has this name, choose one")
    return _told(known) if known is intrinsic else known


def _told(intrinsic: Intrinsic) -> Intrinsic:
    """An intrinsic of which TVM was told, with its factors as they are and exchanged."""
    if intrinsic.implementation is not None:
        functions = intrinsic.description, intrinsic.implementation
        TensorIntrin.register(intrinsic.name, *functions, override=True)
        swapped = exchange_factors(intrinsic.description), intrinsic.implementation
        TensorIntrin.register(intrinsic.name + SUFFIX, *swapped, override=True)
    return intrinsic


def make(names: Iterable[str]) -> None:
    """Has TVM told of intrinsics, where it was not yet.

    For databases that TVM opens by itself; what opens them here asks for what they name.
    """
    for name in names:
        INTRINSICS[name]


def listed(machine: Machine) -> list[Intrinsic]:
    """The intrinsics of a machine, in its order."""
    return [INTRINSICS[name] for name in machine.intrinsics]


def register_companion(name: str, description: PrimFunc, implementation: PrimFunc) -> str:
    """Makes an intrinsic known to TVM that stands around others, such as a load; its name."""
    TensorIntrin.register(name, description, implementation, override=True)
    return name


def called(name: str) -> Intrinsic | None:
    """The one that a trace calls by a name, its factors exchanged or not; None for any other."""
    return INTRINSICS.get(name.removesuffix(SUFFIX))


def _same(one: Intrinsic, other: Intrinsic) -> bool:
    functions = {"description": one.description, "implementation": one.implementation}
    return replace(other, **functions) == one and all(
        structural_equal(function, getattr(other, name)) for name, function in functions.items()
    )


def intrinsic_of(name: str, tile: Tile, emit: Emit, **more: Any) -> Intrinsic:
    """An intrinsic of this package by its tile; ``more`` are other fields of `Intrinsic`.

    `INTRINSIC_FEATURES` says what it needs of a CPU.
    """
    return Intrinsic(
        name=name,
        features=INTRINSIC_FEATURES.get(name, frozenset()),
        a_dtype=tile.a_dtype,
        b_dtype=tile.b_dtype,
        c_dtype=tile.c_dtype,
        rows=tile.rows,
        lanes=tile.lanes,
        depth=tile.depth,
        description=describe(tile),
        implementation=implement(tile, emit),
        **more,
    )


def dot_product(name: str, tile: Tile, emit: Emit, instruction: str, **more: Any) -> Intrinsic:
    """Registers an `intrinsic_of` a tile whose factors may lie anywhere, with what packs B."""
    pack = packers(tile.b_dtype, tile.lanes, tile.depth)
    return register(intrinsic_of(name, tile, emit, instruction=instruction, pack=pack, **more))
