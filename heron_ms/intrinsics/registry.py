"""Intrinsics by name, and how to make one."""

from __future__ import annotations

from dataclasses import replace

from heron_ms._tvm import PrimFunc, TensorIntrin, structural_equal
from heron_ms.errors import IntrinsicError
from heron_ms.hardware.cpu.isa import INTRINSIC_FEATURES
from heron_ms.intrinsics.build import Emit, Tile, describe, implement
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.pack import packers
from heron_ms.intrinsics.swapped import SUFFIX, exchange_factors

INTRINSICS: dict[str, Intrinsic] = {}
"""Every intrinsic that a machine can list."""


def register(intrinsic: Intrinsic) -> Intrinsic:
    """Makes an intrinsic known by its name, to `INTRINSICS` and to TVM, and returns it.

    The same one may be registered again. Raises IntrinsicError if another one has that name.
    """
    known = INTRINSICS.setdefault(intrinsic.name, intrinsic)
    if known is not intrinsic and not _same(known, intrinsic):
        raise IntrinsicError(f"intrinsic {intrinsic.name!r}: another one has this name, choose one")
    if known is intrinsic and intrinsic.implementation is not None:
        functions = intrinsic.description, intrinsic.implementation
        TensorIntrin.register(intrinsic.name, *functions, override=True)
        swapped = exchange_factors(intrinsic.description), intrinsic.implementation
        TensorIntrin.register(intrinsic.name + SUFFIX, *swapped, override=True)
    return known


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


def dot_product(
    name: str,
    tile: Tile,
    emit: Emit,
    instruction: str,
    cycles: float = 1.0,
    widened: int = 1,
    b_is_small: bool = False,
) -> Intrinsic:
    """Registers an intrinsic of this package; `INTRINSIC_FEATURES` says what it needs."""
    return register(
        Intrinsic(
            name=name,
            features=INTRINSIC_FEATURES[name],
            a_dtype=tile.a_dtype,
            b_dtype=tile.b_dtype,
            c_dtype=tile.c_dtype,
            lanes=tile.lanes,
            depth=tile.depth,
            rows=tile.rows,
            description=describe(tile),
            implementation=implement(tile, emit),
            instruction=instruction,
            pack=packers(tile.b_dtype, tile.lanes, tile.depth),
            cycles=cycles,
            widened=widened,
            b_is_small=b_is_small,
        )
    )
