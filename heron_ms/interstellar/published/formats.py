"""The published tool's JSON files: a machine, a layer. Each field is checked and named.

arch: ``mem_levels``, ``capacity`` (bytes a bank), ``access_cost`` (pJ a word), ``parallel_count``,
``parallel_mode`` (0 none, 1 systolic, 2 bus), ``parallel_cost`` (one for each array, pJ),
``mac_capacity``, ``precision`` (bits), and optionally ``array_dim`` ([rows, columns]),
``utilization_threshold`` (0.75), ``replication``, ``mac_cost`` (pJ), ``words_per_cycle`` (one for
each level); for a sweep ``explore_points``, ``capacity_scale``, ``access_cost_scale``. layer:
``fmap_width``, ``fmap_height`` (the output plane), ``input_fmap_channel``, ``output_fmap_channel``,
``window_width``, ``window_height``, ``batch_size``, and optionally ``stride_width``,
``stride_height``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isqrt
from pathlib import Path
from typing import Any, TypeAlias

from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import BUS, SYSTOLIC, Accelerator, Array
from heron_ms.hardware.memory import Memory
from heron_ms.interstellar.checks import LARGEST, demand, positive, refuse_unknown
from heron_ms.interstellar.nest.layer import Layer

Fields: TypeAlias = Mapping[str, Any]

LAYER_FIELDS = {
    "FX": "window_width",
    "FY": "window_height",
    "OX": "fmap_width",
    "OY": "fmap_height",
    "OC": "output_fmap_channel",
    "IC": "input_fmap_channel",
    "ON": "batch_size",
}
ARCH_FIELDS = (
    *("mem_levels", "capacity", "access_cost", "words_per_cycle", "precision"),
    *("parallel_count", "parallel_mode", "parallel_cost", "array_dim", "memory_partitions"),
    *("mac_capacity", "mac_cost", "utilization_threshold", "replication", "static_cost"),
    *("explore_points", "capacity_scale", "access_cost_scale"),
)
MOST_LEVELS = 16
LONGEST_LOOP = 2**20
"""The tile factors of a longer one take too long to enumerate."""

_STRIDES = {"stride_w": "stride_width", "stride_h": "stride_height"}
_MODES = {1: SYSTOLIC, 2: BUS}
_NAMES = {2: ("RF", "DRAM"), 3: ("RF", "buffer", "DRAM"), 4: ("RF", "L1", "L2", "DRAM")}
_SCOPES = ("local", "shared", "global")


def read_json(path: Path) -> Fields:
    """The object in a JSON file. Raises `ModelError`, naming the file, if there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read as JSON: {error}") from error
    demand(isinstance(data, dict), f"{path} does not hold a JSON object")
    fields: Fields = data
    return fields


def layer_of(data: Fields) -> Layer:
    """A layer. Raises `ModelError` that names a field which is missing or makes no sense."""
    refuse_unknown(data, {*LAYER_FIELDS.values(), *_STRIDES.values()}, "layer")
    extents = {
        loop: positive(_field(data, "layer", f), f, LONGEST_LOOP)
        for loop, f in LAYER_FIELDS.items()
    }
    strides = {name: positive(data.get(f, 1), f, LONGEST_LOOP) for name, f in _STRIDES.items()}
    return Layer(**extents, **strides)


def machine_of(data: Fields, name: str = "arch") -> Accelerator:
    """A machine.

    Raises `ModelError` that names the field and the level that are wrong, and `TargetError` where
    the machine as a whole makes no sense.
    """
    refuse_unknown(data, ARCH_FIELDS, "arch")
    count = positive(_field(data, "arch", "mem_levels"), "arch: mem_levels")
    demand(2 <= count <= MOST_LEVELS, f"arch: mem_levels must be from 2 to {MOST_LEVELS}")
    return Accelerator(
        name=name,
        source="an arch.json",
        memories=_levels(data, count),
        arrays=_arrays(data, count),
        precision=positive(_field(data, "arch", "precision"), "arch: precision"),
        mac_energy=_number(data.get("mac_cost", 0.0), "arch: mac_cost"),
        mac_registers=int(_number(_field(data, "arch", "mac_capacity"), "arch: mac_capacity")),
        utilization=_number(data.get("utilization_threshold", 0.75), "arch: utilization_threshold"),
        replication=_flag(data.get("replication", True), "arch: replication"),
    )


def _levels(data: Fields, count: int) -> tuple[Memory, ...]:
    names = _NAMES.get(count, tuple(f"level{v}" for v in range(count)))
    capacities = _listed(data, "capacity", count)
    costs = _listed(data, "access_cost", count)
    bandwidths = _listed(data, "words_per_cycle", count) if "words_per_cycle" in data else ()
    return tuple(
        Memory(
            name=names[v],
            scope=_SCOPES[min(v, 2)] if v < count - 1 else "global",
            capacity=positive(capacities[v], f"arch: capacity[{v}] (level {names[v]})"),
            energy=_number(costs[v], f"arch: access_cost[{v}] (level {names[v]})"),
            words_per_cycle=_limit(bandwidths[v], v) if bandwidths else None,
        )
        for v in range(count)
    )


def _limit(value: Any, level: int) -> float | None:
    return None if value is None else _number(value, f"arch: words_per_cycle[{level}]")


def _arrays(data: Fields, count: int) -> tuple[Array, ...]:
    demand("memory_partitions" not in data, "arch: memory_partitions is not modelled: remove it")
    units = _listed(data, "parallel_count", count)
    modes = _listed(data, "parallel_mode", count)
    where = [v for v in range(count) if positive(units[v], f"arch: parallel_count[{v}]") > 1]
    costs = _field(data, "arch", "parallel_cost") if where else []
    demand(
        isinstance(costs, list) and len(costs) >= len(where),
        f"arch: parallel_cost needs one cost for each of the {len(where)} parallel levels",
    )
    return tuple(
        Array(v, *_sides(data, v, units[v]), _number(cost, "arch: parallel_cost"), _mode(modes, v))
        for v, cost in zip(where, costs, strict=False)
    )


def _mode(modes: list[Any], level: int) -> str:
    known = isinstance(modes[level], int) and modes[level] in _MODES
    demand(known, f"arch: parallel_mode[{level}] is {modes[level]!r}: use 1 (systolic) or 2 (bus)")
    return _MODES[modes[level]]


def _sides(data: Fields, level: int, units: int) -> tuple[int, int]:
    """Rows and columns: as given, else a square."""
    given = data.get("array_dim")
    if given is not None:
        pair = isinstance(given, list) and len(given) == 2
        demand(pair, f"arch: array_dim is {given!r}, not [rows, columns]")
        rows, columns = (positive(side, "arch: array_dim") for side in given)
        fits = rows * columns == units
        demand(fits, f"arch: array_dim {given} does not make parallel_count[{level}] = {units}")
        return rows, columns
    side = isqrt(units)
    square = side * side == units
    demand(square, f"arch: parallel_count[{level}] = {units} is no square: give array_dim")
    return side, side


def _field(data: Fields, what: str, name: str) -> Any:
    demand(name in data, f"{what}: the field {name} is missing")
    return data[name]


def _listed(data: Fields, name: str, count: int) -> list[Any]:
    values = _field(data, "arch", name)
    demand(isinstance(values, list), f"arch: {name} is {values!r}, not a list")
    entries: list[Any] = values
    missing = f"arch: {name} has {len(entries)} entries for {count} levels"
    demand(
        len(entries) == count,
        missing + (f": level {len(entries)} has none" * (len(entries) < count)),
    )
    return entries


def _flag(value: Any, field: str) -> bool:
    demand(isinstance(value, bool), f"{field} is {value!r}, not true or false")
    return bool(value)


def _number(value: Any, field: str) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    known = number and 0 <= value <= LARGEST
    demand(known, f"{field} is {repr(value)[:40]}, not a number from 0 to {LARGEST}")
    return float(value)
