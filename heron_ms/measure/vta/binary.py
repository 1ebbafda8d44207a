"""Programs as files: what a machine, or another simulator of it, would execute.

Of ``FILE`` are written: ``FILE``, the instructions (16 bytes each, little endian), ``FILE.uop``,
the micro-ops (4 bytes each), and ``FILE.json``, how DRAM has to look before: its size and, for each
tensor by name, its address, its dimensions in the order in which they lie, and its extents there.
"""

from __future__ import annotations

import json
from pathlib import Path

from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.program import Program


def write_binary(program: Program, machine: Vta, path: Path) -> None:
    """Write the files of a program; raises `FaultError` where a field is too narrow."""
    path.write_bytes(program.words(machine).astype("<u8").tobytes())
    path.with_name(f"{path.name}.uop").write_bytes(program.uops.astype("<u4").tobytes())
    described = json.dumps(_dram(program), indent=2) + "\n"
    path.with_name(f"{path.name}.json").write_text(described, encoding="utf-8")


def _dram(program: Program) -> dict[str, object]:
    dram = program.dram
    tensors = {
        str(tensor.name): {
            "address": dram.addresses[tensor],
            "dtype": str(tensor.dtype),
            "order": list(layout.order),
            "sizes": list(layout.sizes),
        }
        for tensor, layout in dram.layouts.items()
    }
    size = dram.top + program.uops.nbytes
    return {"bytes": size, "uops": dram.top, "tensors": tensors}
