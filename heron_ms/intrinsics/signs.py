"""Dot products of bytes by an instruction whose left factor is unsigned, for a signed one too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Emit, spread, store, word

Accumulate = Callable[[int, Any, Any, Any], Any]
"""c + a . b of vectors of so many lanes; ``a`` comes as int32, four unsigned bytes a lane."""

_SIGN_BITS = -0x7F7F7F80
"""Four bytes of 128 as an int32."""


def emitter(accumulate: Accumulate, a_dtype: str, lanes: int) -> Emit:
    """The implementation for a left factor of uint8 or int8."""
    return _unsigned(accumulate, lanes) if a_dtype == "uint8" else _signed(accumulate, lanes)


def _unsigned(accumulate: Accumulate, lanes: int) -> Emit:
    def emit(a: Any, b: Any, c: Any) -> None:
        right = b.vload([0, 0], f"int8x{4 * lanes}")
        total = accumulate(lanes, c.vload([0], f"int32x{lanes}"), spread(a, lanes), right)
        store(c, total, lanes)

    return emit


def _signed(accumulate: Accumulate, lanes: int) -> Emit:
    """Signed A: flipping its sign bit adds 128 and makes it unsigned.

    128 times the sum of B comes off again, which LLVM shares between the rows of an unrolled tile.
    """

    def emit(a: Any, b: Any, c: Any) -> None:
        right = b.vload([0, 0], f"int8x{4 * lanes}")
        flip, zero = (T.broadcast(T.int32(pattern), lanes) for pattern in (_SIGN_BITS, 0))
        # Flipped before it is spread: given the other order, LLVM 22 never returns for znver4.
        flipped = T.broadcast(T.bitwise_xor(word(a), T.int32(_SIGN_BITS)), lanes)
        total = accumulate(lanes, c.vload([0], f"int32x{lanes}"), flipped, right)
        store(c, total - accumulate(lanes, zero, flip, right), lanes)

    return emit
