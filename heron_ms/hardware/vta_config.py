"""A machine from VTA's own description of itself, ``vta_config.json``.

The file has logarithms: of the bits of a number, of the shape of the matrix unit, of the bytes of
each memory (apache/tvm-vta, config/vta_config.json and config/pkg_config.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from heron_ms.errors import TargetError
from heron_ms.hardware.checks import demand
from heron_ms.hardware.description import Machine, only
from heron_ms.hardware.memory import Memory
from heron_ms.hardware.vta import ACC, BATCHES, BLOCKS, INP, UOP, WGT, Vta

_WIDTHS = {"LOG_INP_WIDTH": 3, "LOG_WGT_WIDTH": 3, "LOG_ACC_WIDTH": 5}
_BOARDS = ("pynq", "de10nano", "ultra96", "zcu104")


def configured(path: Path, machine: Callable[[str], Machine]) -> Vta:
    """The machine of a file, named after it; clock, bus and times are those of its board.

    machine: gives a board by name. What is simulated ("sim", "tsim") has a Pynq's. Raises
    `TargetError` for what is no such file, and for other numbers than bytes in and 32 bits summed.
    """
    fields = _read(path)
    for name, bits in _WIDTHS.items():
        demand(_field(fields, name) == bits, f"{name} is {fields[name]}: use {bits}")
    board = str(fields.get("TARGET"))
    board = board if board in _BOARDS else Vta.usual
    described = only(Vta, machine(board), "VTA")
    batch, block = 1 << _field(fields, "LOG_BATCH"), 1 << _field(fields, "LOG_BLOCK")
    demand(batch in BATCHES, f"a batch is {batch}: use LOG_BATCH 0 to 3")
    demand(block in BLOCKS, f"a block is {block}: use LOG_BLOCK 3 to 6")
    lines = {UOP: 4, INP: batch * block, WGT: block * block, ACC: 4 * batch * block}
    memories = tuple(
        _sized(memory, fields, lines[memory.name]) if memory.name in lines else memory
        for memory in described.memories
    )
    return replace(
        described,
        name=path.stem,
        source=f"{path.name}, with the clock and the times of {board}: {described.source}",
        batch=batch,
        block=block,
        memories=memories,
        intrinsics=(f"vta.s8s8s32.{batch}x{block}x{block}",),
    )


def _sized(memory: Memory, fields: Mapping[str, Any], line: int) -> Memory:
    size = 1 << _field(fields, f"LOG_{memory.name.upper()}_BUFF_SIZE")
    return replace(memory, capacity=size, line=line)


def _field(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    demand(type(value) is int and 0 <= value < 32, f"{name} is {value!r}, not a logarithm")
    assert isinstance(value, int)
    return value


def _read(path: Path) -> Mapping[str, Any]:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TargetError(f"it cannot be read: {error}") from error
    demand(isinstance(fields, dict), "it is no table of fields")
    known: Mapping[str, Any] = fields
    return known
