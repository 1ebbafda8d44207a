"""What this CPU does at most, as the benchmark of AMX shows it."""

from __future__ import annotations

from heron_ms.hardware import host
from scripts.bench.amx.limits import PEAKS, limits


def test_a_row_for_each_instruction_and_memory() -> None:
    machine = host()
    found = {row["one core"]: row["at most"] for row in limits(machine).data}
    assert len(found) == len(PEAKS) + len(machine.hierarchy)  # registers are none, memory is one
    tiles = found["products of bytes in tile registers"]
    assert (tiles == "–") == (not machine.has("amx-int8"))
    assert float(found["reading from L1"]) > float(found["reading from memory"]) > 0
