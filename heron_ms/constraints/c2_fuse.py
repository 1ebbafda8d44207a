"""C2 AddLoopFuse (Heron's constraint rules): a fused loop is the product of its parts."""

from __future__ import annotations

from heron_ms._tvm import Instruction
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State


def fuse(state: State, inst: Instruction, parts: list[Loop]) -> None:
    """PROD(fused, parts)."""
    name = parts[0].name.split(".")[0] + ".fused"
    known = [part.extent for part in parts if part.extent is not None]
    extent = state.model.product(name, known, "C2", "loop") if len(known) == len(parts) else None
    fused = Loop(name, extent, fused=tuple(parts), reduces=all(part.reduces for part in parts))
    state.loops.set(state.sch.get(inst.outputs[0]), fused)
