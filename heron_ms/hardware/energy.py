"""What it costs to move a word: Interstellar's tables, and the published tool's."""

from __future__ import annotations

from functools import cache
from math import log
from pathlib import Path
from typing import Any

from heron_ms.errors import ModelError
from heron_ms.hardware.catalogue import read

_COSTS = Path(__file__).parent / "data" / "costs.toml"


def access_energy(capacity: int, table: str = "paper") -> float:
    """pJ of a 16-bit access to a memory of so many bytes, between the rows of a cost table.

    Below 4 KB the register files count, above the SRAMs; between two rows, and beyond the last,
    the cost is a power of the size. table: "paper" or "tool". Raises `ModelError` for another.
    """
    costs = _tables()
    if table not in costs:
        raise ModelError(f"unknown cost table {table!r}: use {', '.join(costs)}")
    kind = "register_file" if capacity < 4096 else "sram"
    rows = sorted((int(size), float(cost)) for size, cost in costs[table][kind].items())
    above = next((i for i, (size, _) in enumerate(rows) if size >= capacity), len(rows) - 1)
    (low, a), (high, b) = rows[max(above, 1) - 1], rows[max(above, 1)]
    return float(a * (capacity / low) ** (log(b / a) / log(high / low)))


def other_energy(what: str, table: str = "paper") -> float:
    """pJ of a "dram" access, a "mac" or a "hop" between neighbours, 16 bits each."""
    return float(_tables()[table]["other"][what])


@cache
def _tables() -> dict[str, Any]:
    return read(_COSTS)
