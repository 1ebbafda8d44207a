"""Accelerators by name: TOML files of `heron_ms/hardware/data/paper`, and the cost tables."""

from __future__ import annotations

import sys
from functools import cache
from math import log
from pathlib import Path
from typing import Any

from heron_ms.interstellar.errors import ModelError, demand
from heron_ms.interstellar.machine import Accelerator, Array, Level

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDER = Path(__file__).parent.parent / "hardware" / "data" / "paper"
_COSTS = "costs"


def known_accelerators() -> tuple[str, ...]:
    """Every name that `preset` takes."""
    return tuple(sorted(f.stem for f in _FOLDER.glob("*.toml") if f.stem != _COSTS))


def preset(name: str) -> Accelerator:
    """A described accelerator. Raises `ModelError`, listing the names, for an unknown one."""
    known = known_accelerators()
    demand(name in known, f"unknown accelerator {name!r}: use {', '.join(known)}")
    return load_accelerator(_FOLDER / f"{name}.toml")


def load_accelerator(path: Path) -> Accelerator:
    """Reads an accelerator from a TOML file with the fields of `Accelerator`.

    Raises `ModelError`, naming the file and what is wrong, if it does not describe one.
    """
    try:
        fields = dict(_read(path))
        levels = tuple(Level(**level) for level in fields.pop("levels"))
        arrays = tuple(Array(**array) for array in fields.pop("arrays", ()))
        return Accelerator(levels=levels, arrays=arrays, **fields)
    except (TypeError, KeyError) as error:
        raise ModelError(f"{path.name} describes no accelerator: {error}") from error


@cache
def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return found
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path.name} cannot be read: {error}") from error


def access_energy(capacity: int, table: str = "paper") -> float:
    """pJ of a 16-bit access to a memory of so many bytes, between the rows of a cost table.

    Below 4 KB the register files count, above the SRAMs; between two rows, and beyond the last,
    the cost is a power of the size. table: "paper" or "tool". Raises `ModelError` for another.
    """
    costs = _read(_FOLDER / f"{_COSTS}.toml")
    demand(table in costs, f"unknown cost table {table!r}: use {', '.join(costs)}")
    kind = "register_file" if capacity < 4096 else "sram"
    rows = sorted((int(size), float(cost)) for size, cost in costs[table][kind].items())
    above = next((i for i, (size, _) in enumerate(rows) if size >= capacity), len(rows) - 1)
    (low, a), (high, b) = rows[max(above, 1) - 1], rows[max(above, 1)]
    return float(a * (capacity / low) ** (log(b / a) / log(high / low)))


def other_energy(what: str, table: str = "paper") -> float:
    """pJ of a "dram" access, a "mac" or a "hop" between neighbours, 16 bits each."""
    return float(_read(_FOLDER / f"{_COSTS}.toml")[table]["other"][what])
