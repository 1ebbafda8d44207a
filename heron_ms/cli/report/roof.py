"""The roof over a task: the lower of what the arithmetic and what the caches of a machine allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heron_ms.events.reading import Row, of_kind

_PEAKS = {"int8": "int8_gops", "uint8": "int8_gops", "float32": "float32_gops"}


@dataclass(frozen=True)
class Roof:
    """GOP/s by type, GB/s from the second cache and from memory; None where it is unknown.

    A kernel is measured with its arguments in the caches, so that the cache is what bounds it.
    """

    int8_gops: float | None = None
    float32_gops: float | None = None
    cache_gbs: float | None = None
    memory_gbs: float | None = None

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Roof:
        """As it was measured last."""
        *_, last = [{}, *of_kind(rows, "peak")]
        return cls(**{name: last.get(name) for name in cls.__dataclass_fields__})

    def peak(self, dtype: str) -> float | None:
        """GOP/s on operands of a type."""
        name = _PEAKS.get(dtype)
        peak: float | None = None if name is None else getattr(self, name)
        return peak

    def over(self, dtype: str, intensity: float) -> float | None:
        """GOP/s at so many operations a byte."""
        peak = self.peak(dtype)
        if peak is None or self.cache_gbs is None:
            return peak
        return min(peak, intensity * self.cache_gbs)
