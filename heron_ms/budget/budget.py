"""What a run may take and what it is to reach, as its caller states it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter

from heron_ms.errors import BudgetError

UNBOUNDED = 1_000_000
"""Trials of a run that something else ends."""


@dataclass(frozen=True)
class Budget:
    """``seconds`` of wall time since ``begun`` (of `time.perf_counter`), None for any.

    until: the share of the roof that is enough, from above 0 to 1; None for none.
    operations: those that the share is of, in one call; None: as MetaSchedule counts them.
    after: the phases that the caller goes on with when tuning is over, such as "compile", for which
    time is kept.

    Raises `BudgetError` for seconds that are not above zero, and a share that is none.
    """

    seconds: float | None = None
    until: float | None = None
    begun: float = field(default_factory=perf_counter)
    operations: int | None = None
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.seconds is not None and not (isfinite(self.seconds) and self.seconds > 0):
            raise BudgetError(f"a budget is a number of seconds above 0, not {self.seconds!r}")
        if self.until is not None and not 0 < self.until <= 1:
            raise BudgetError(
                f"a share of the roof is a number above 0, at most 1, not {self.until!r}"
            )

    @property
    def ends(self) -> bool:
        """Whether it ends a run at all."""
        return self.seconds is not None or self.until is not None

    @property
    def left(self) -> float:
        """Seconds that are left; infinite where any are allowed."""
        return float("inf") if self.seconds is None else self.seconds - perf_counter() + self.begun
