"""VTA: a matrix unit between memories that a program fills and empties by itself.

Facts: apache/tvm-vta at d4a15f6, include/vta/hw_spec.h and config/vta_config.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from heron_ms.hardware.checks import described, positive
from heron_ms.hardware.estimated import EstimatedMachine

UOP, WGT, INP, ACC, OUT = "uop", "wgt", "inp", "acc", "out"
"""The memories; "out" is the shadow of "acc" in bytes that stores read."""

COPIES = "vta.copies"
"""Annotates a loop with the number of places that tiles inside of it take turns in."""

ORDER = "vta.order"
"""Annotates the first of directly nested loops: with 1, the last of them is walked outermost."""

RELOADS = "vta.reloads"
"""Annotates a loop inside of which a tile is loaded again even where it is on the chip already."""

BATCHES = (1, 2, 4, 8)
"""Rows of the matrix units that there are intrinsics for."""

BLOCKS = (8, 16, 32, 64)
"""Their lanes and depths."""

_DTYPE_BYTES = {INP: 1, WGT: 1, ACC: 4, OUT: 1}


@dataclass(frozen=True)
class Timing:
    """Cycles and bytes of the model of time; each is read off a source and none is calibrated.

    bus: bytes that memory delivers in a cycle (config/pkg_config.py: the width of the AXI port).
    latency: cycles to the first beat (16 of tsim's memory, dpiDelay in sim_vme.cc, and the way
    through the shell and the command queue, some 8, from shell/VME.scala).
    row: of each row of a load, its command (core/TensorLoad.scala). ack: of each row of a store,
    its acknowledgement (core/TensorStoreNarrowVME.scala). burst: bytes after which a row is cut
    (256 beats of AXI, and pages of 2 KB; core/TensorLoad.scala). start: of any instruction,
    decoding and the token queues (core/Compute.scala). gemm_depth, alu_depth: until the pipeline
    has drained (core/TensorGemm.scala, core/TensorAlu.scala). alu_interval: cycles between two
    micro-ops with an immediate; two operands take twice that (core/TensorAlu.scala, "stutter").
    fetch: instructions that are fetched in one burst (core/FetchVME64.scala).

    Raises `TargetError` for a number that is not positive.
    """

    bus: int
    latency: int = 24
    row: int = 2
    ack: int = 4
    burst: int = 2048
    start: int = 4
    gemm_depth: int = 6
    alu_depth: int = 6
    alu_interval: int = 1
    fetch: int = 128

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            positive(value, f"timing: {name}")


@dataclass(frozen=True, kw_only=True)
class Vta(EstimatedMachine):
    """A machine with VTA's instructions.

    megahertz: the clock. batch, block: the multipliers compute (batch, block) += (batch, block) x
    (block, block). update_distance: steps of the matrix unit from one update of an accumulator to
    the next, at least. VTA's runtime asks for 3 (vta/runtime/runtime.cc, VerifyDep), and only
    within one sequence of micro-ops; the Chisel core has a bypass since 2021 and asks for none
    (then it is 1). We take the runtime's number, and hold it for a whole instruction.

    Raises `TargetError` if an element is not as large as the block asks, or a memory's depth no
    power of two, as fields of instructions are cut to them, or if a micro-op cannot name places of
    three memories.
    """

    kind: ClassVar[str] = "vta"
    usual: ClassVar[str] = "pynq"

    megahertz: int
    timing: Timing
    batch: int = 1
    block: int = 16
    update_distance: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("megahertz", "batch", "block", "update_distance"):
            positive(getattr(self, name), f"machine {self.name!r}: {name}")
        for name in (UOP, WGT, INP, ACC):
            memory, depth = self.memory(name), self.depth(name)
            size = self.element_bytes(name)
            self.demand(memory.line == size, f"an element of {name} has {size} bytes")
            self.demand(depth & (depth - 1) == 0, f"{name}: {depth} elements are no power of two")
        bits = sum(self.depth(memory).bit_length() - 1 for memory in (WGT, INP, ACC))
        self.demand(bits <= 32, f"a micro-op has 32 bits, and names places of {bits}")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Vta:
        """See `Machine.of`; ``[timing]`` has the fields of `Timing`."""
        timing = described(Timing, given.get("timing", {}), "timing")
        return super().of({**given, "timing": timing})

    def element_bytes(self, memory: str) -> int:
        """Bytes of what a place of a memory holds, as it lies in DRAM."""
        return 4 if memory == UOP else self.lanes(memory) * _DTYPE_BYTES[memory]

    def lanes(self, memory: str) -> int:
        """Numbers in one place of a memory."""
        return self.block * (self.block if memory == WGT else self.batch)

    def depth(self, memory: str) -> int:
        """Places of a memory."""
        name = ACC if memory == OUT else memory
        return self.memory(name).capacity // self.element_bytes(name)

    @property
    def hertz(self) -> float:
        """Cycles in a second."""
        return self.megahertz * 1e6

    @property
    def multiplications(self) -> int:
        """What one step of the matrix unit multiplies."""
        return self.batch * self.block * self.block

    @property
    def dtype(self) -> str:
        """Bytes, which is all that it can store."""
        return "s8s8s8"

    @property
    def joins_sums(self) -> bool:
        """No: what it stores are bytes."""
        return False

    @property
    def summary(self) -> str:
        """What to say beside its name."""
        return f"{self.batch} x {self.block} x {self.block}, {self.megahertz} MHz, estimated"
