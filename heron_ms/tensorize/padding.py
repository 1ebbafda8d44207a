"""How far to pad the rows of a tile, which no intrinsic constrains but the register file does."""

from __future__ import annotations

COPY = 0.97
"""What a padded copy of an operand leaves of the speed, roughly; it only ranks paddings."""

LOADS = 0.8
"""Loads that a core sustains for each multiplication, of as many as it can start."""

CLOSE = 0.95
"""Paddings that promise less than this share of the best are not worth a sketch."""


def up(size: int, multiple: int) -> int:
    """``size`` rounded up to a multiple."""
    return -(-size // multiple) * multiple


def row_paddings(rows: int, tallest: int, vectors: int = 1, most: int = 2) -> list[int]:
    """The padded row counts worth a sketch, best first, for tiles of at most ``tallest`` rows.

    A tile of h rows spends one operand load on h multiplications, so its rate is about h/(h+1);
    rows that are padding are lost. A prime row count would otherwise only tile by one. Where no
    padding is nearly as good as any, there is none, and neither where low tiles of several vectors
    do as well. vectors: of lanes.
    """
    if _tile_low(rows, tallest, vectors):
        return [rows]

    def rate(padded: int) -> float:
        height = max(h for h in range(1, min(tallest, padded) + 1) if padded % h == 0)
        return rows / padded * height / (height + 1) * (1.0 if padded == rows else COPY)

    rates = {p: rate(p) for p in {up(rows, h) for h in range(1, min(rows, tallest) + 1)}}
    best = max(rates.values())
    if rates[rows] >= CLOSE * best:
        return [rows]
    close = [p for p in rates if rates[p] >= CLOSE * best]
    return sorted(close, key=lambda padded: (-rates[padded], padded))[:most]


def _tile_low(rows: int, tallest: int, vectors: int) -> bool:
    """Whether the rows divide into tiles of several vectors that no load holds up.

    A tile of h rows and w vectors loads h + w times for h * w multiplications, and keeps as many
    accumulators beside w vectors of the weight and one of the data.
    """
    return any(
        rows % h == vectors % w == 0 and h + w <= LOADS * h * w
        for w in range(2, min(tallest // 2, vectors) + 1)
        for h in range(2, min((tallest + 1) // w, rows + 1))
    )
