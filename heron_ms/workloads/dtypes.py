"""The operand and accumulator types of a workload, and the short names that they go by."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms.errors import UnsupportedDtypeError


@dataclass(frozen=True)
class Dtypes:
    """Types of A (data), B (weight) and C (accumulator), as numpy and TVM call them.

    ``requantised``: the result is int8, min(max(C >> 8, 0), 127), and not C itself.
    """

    a: str
    b: str
    c: str
    requantised: bool = False

    @classmethod
    def of(cls, a: str, b: str, c: str = "", requantised: bool = False) -> Dtypes:
        """The types of a product of two operands; raises `UnsupportedDtypeError`.

        Without ``c`` it is summed up in the first type of `DTYPES` for these.
        """
        for dtypes in DTYPES.values():
            given = (a, b, c or dtypes.c, requantised)
            if (dtypes.a, dtypes.b, dtypes.c, dtypes.requantised) == given:
                return dtypes
        summed = f" and adds up {c}" if c else ""
        raise UnsupportedDtypeError(f"no intrinsic multiplies {a} by {b}{summed}: use {_CHOICES}")

    @classmethod
    def named(cls, name: str) -> Dtypes:
        """The types of a short name, such as "u8s8"; raises `UnsupportedDtypeError`."""
        if name not in DTYPES:
            raise UnsupportedDtypeError(f"dtype must be {_CHOICES}, got {name!r}")
        return DTYPES[name]

    @property
    def name(self) -> str:
        """The short name."""
        return next(name for name, dtypes in DTYPES.items() if dtypes == self)

    @property
    def result(self) -> str:
        """The type of what the program writes."""
        return "int8" if self.requantised else self.c

    @property
    def integer(self) -> bool:
        """Whether the arithmetic is that of integers, exact up to wrapping."""
        return self.c == "int32"

    @property
    def lanes(self) -> int:
        """Lanes of a packed weight: 32-bit accumulators in a 512-bit register."""
        return 16

    @property
    def depth(self) -> int:
        """Depth of a packed weight: operands of B that share the 32 bits of a lane."""
        return {"int8": 4, "uint8": 4, "float16": 2, "bfloat16": 2, "float32": 1}[self.b]


DTYPES = {
    "u8s8": Dtypes("uint8", "int8", "int32"),
    "s8s8": Dtypes("int8", "int8", "int32"),
    "u8u8": Dtypes("uint8", "uint8", "int32"),
    "s8u8": Dtypes("int8", "uint8", "int32"),
    "s8s8s8": Dtypes("int8", "int8", "int32", requantised=True),
    "f32": Dtypes("float32", "float32", "float32"),
    "f16": Dtypes("float16", "float16", "float32"),
    "f16f16f16": Dtypes("float16", "float16", "float16"),
    "bf16": Dtypes("bfloat16", "bfloat16", "float32"),
}
"""All supported combinations by their short names."""

_CHOICES = f"one of {', '.join(DTYPES)}"
