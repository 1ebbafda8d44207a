"""A memory of a machine, as frozen data that checks itself."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms.hardware.checks import demand, positive

GLOBAL = "global"
"""TVM's scope of a buffer that lies wherever the machine puts it, such as in a CPU's caches."""


@dataclass(frozen=True)
class Memory:
    """A memory that data is held in; the registers of a CPU are one.

    name: such as "L1" or "shared".
    scope: TVM's storage scope of a buffer kept there; "global" for a cache, which holds what it
    will. What lies in a scope of its own has to fit.
    capacity: bytes of data that one instance of the memory holds.
    line: bytes moved at a time; the width of a vector for registers.
    shared_by: units that share one instance.
    source: where the numbers come from.
    energy: pJ for one word read or written. words_per_cycle: what one instance delivers in a clock
    cycle. Both None where nothing is known.

    Raises `TargetError` if a number is not positive or the capacity is not a whole number of lines.
    """

    name: str
    scope: str
    capacity: int
    line: int = 1
    shared_by: int = 1
    source: str = "a description"
    energy: float | None = None
    words_per_cycle: float | None = None

    def __post_init__(self) -> None:
        where = f"memory {self.name!r}"
        for field in ("name", "scope", "source"):
            demand(bool(getattr(self, field)), f"{where}: {field} is empty")
        for field in ("capacity", "line", "shared_by"):
            positive(getattr(self, field), f"{where}: {field}")
        whole = self.capacity % self.line == 0
        demand(whole, f"{where}: {self.capacity} bytes are not whole lines of {self.line}")
        free = self.energy is None or self.energy >= 0
        demand(free, f"{where}: energy is {self.energy!r}, not a cost of zero or more")
        flows = self.words_per_cycle is None or self.words_per_cycle > 0
        demand(flows, f"{where}: words_per_cycle must be above zero")

    @property
    def is_explicit(self) -> bool:
        """Whether a program says what lies there, so that it has to fit."""
        return self.scope != GLOBAL
