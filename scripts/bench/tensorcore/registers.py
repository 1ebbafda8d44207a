"""What ptxas makes of programs with more fragments, and more warps, than the space has.

Programs of two GEMMs and a convolution whose tiles can be of many sizes, drawn from the space
without its limits on registers: those with 129 to 304 registers of fragments a thread in eight
warps at most, and those of more warps whose fragments leave little of what a thread can have. Each
is compiled as the builder does it, once more with leave to use all registers where it spills. A row
counts how many spill all the same; "registers" are those that ptxas took of the others. The rule is
in the description of a GPU (the capacity of "fragments") and in `c6_dla.tensorcore` (`NEEDED`).
Needs nvcc, no GPU.

A program is kept when it is compiled; none is begun when --seconds are over, and the same command
goes on.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import heron_ms
from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.constraints.c6_dla.tensorcore import NEEDED
from heron_ms.errors import ToolChainError
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import FRAGMENTS, WARP, TensorCore
from heron_ms.measure.tensorcore.lowering import lower
from heron_ms.measure.tensorcore.toolchain import compile_cuda, require
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_seconds, add_seed, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import Rows, told_left

PROGRAMS = {
    "f16": OPERATORS["gemm"].of((960, 960, 1024), "f16"),
    "s8s8": OPERATORS["gemm"].of((960, 960, 1024), "s8s8", weight="nk"),
    "f16 c2d": OPERATORS["c2d"].of((1, 30, 32, 64, 960, 3, 3, 1, 1, 1), "f16"),
}
"""Whose tiles can have 16, 32, 48, 64, 80, 96 and more rows and columns; GEMMs by their types."""
MOST, FEW = 304, 8
"""Registers of fragments, and warps of the first kind of programs."""
OF_THREAD = 255
STEPS = (129, 153, 169, 185, 201, 217, 233, 257, MOST + 1)
WARPS = (9, 13, 17, 33)
LEFT = (0, 16, 32, 48, 64)
_BYTES = 4 * WARP
DRAWN = 4000
HEAD = ("programs", "compiled", "registers", "spill")


@dataclass(frozen=True)
class Kind:
    """Programs of a kind by their warps, and by the registers of fragments or those left."""

    program: str
    warps: range
    held: range = range(1, 4 * MOST)
    left: range = range(-4 * MOST, 4 * MOST)

    @property
    def name(self) -> str:
        """As in the table."""
        if self.warps.stop - 1 == FEW:
            held = f"{self.held.start} to {self.held.stop - 1} of fragments"
            return f"{self.program}, {held}, 1 to {FEW} warps"
        left = f"{self.left.start} to {self.left.stop - 1} left of what a thread can have"
        return f"{self.program}, {self.warps.start} to {self.warps.stop - 1} warps, {left}"

    def has(self, warps: int, held: int) -> bool:
        """Whether it is that of a program."""
        return warps in self.warps and held in self.held and _can_have(warps) - held in self.left


def kinds() -> Iterator[Kind]:
    """Few warps with many fragments, and many warps with few registers left."""
    for program in PROGRAMS:
        for low, high in pairwise(STEPS):
            yield Kind(program, range(1, FEW + 1), held=range(low, high))
    for program in ("f16", "f16 c2d"):
        for fewest, more in pairwise(WARPS):
            for least, most in pairwise(LEFT):
                yield Kind(program, range(fewest, more), left=range(least, most))


def options(parser: ArgumentParser) -> None:
    """How many programs, and how long."""
    add = parser.add_argument
    add("--programs", type=at_least(1), default=3, metavar="N", help="of each kind (default 3)")
    add_seconds(parser, 200, "program")
    add("--gpu", default="a100", metavar="NAME", help="compiled for (default %(default)s)")
    add_seed(parser)
    add_only(parser, "kinds")


def run(arguments: Namespace) -> Report:
    """A row for each kind. Raises SystemExit without a tool chain."""
    try:
        require(_gpu(arguments.gpu))
    except ToolChainError as error:
        raise SystemExit(str(error)) from error
    asked = {"GPU": arguments.gpu, "seed": arguments.seed}
    wanted = [
        {**asked, "kind": kind.name, "number": number}
        for kind in kinds()
        if is_chosen(kind.name, arguments.only)
        for number in range(arguments.programs)
    ]
    made = Rows(_made, arguments.out).all_of(wanted, arguments.seconds)
    compiled = [row for row in made if row["program"]]
    names = dict.fromkeys(row["kind"] for row in compiled)
    lines = [_row(name, [row for row in compiled if row["kind"] == name]) for name in names]
    note = "".join(told_left(len(wanted) - len(made), "programs"))
    table = Report.of_table(HEAD, lines, note)
    return Report.joined({"registers": table})


def _row(name: str, compiled: list[Record]) -> list[object]:
    taken = [row["registers"] for row in compiled if not row["spills"]]
    registers = f"{min(taken)} to {max(taken)}" if taken else "-"
    return [name, len(compiled), registers, sum(bool(row["spills"]) for row in compiled)]


def _made(identity: Record, _: Path) -> Record:
    """A program of a kind, and what ptxas says of it; no program where none was drawn."""
    [kind] = (kind for kind in kinds() if kind.name == identity["kind"])
    found = _drawn(identity["GPU"], identity["seed"], kind)[identity["number"] :]
    if not found:
        return {"program": None}
    sketch, assignment = found[0]
    gpu = _gpu(identity["GPU"])
    lowered = lower(_sketches(gpu.name, kind.program)[sketch].materialize(assignment).mod, gpu)
    try:
        used = compile_cuda(lowered.source, gpu).used[lowered.kernels[0].name]
    except ToolChainError as error:
        return {"program": None, "failure": str(error)}
    warps, held = _takes(assignment)
    return {
        "program": {"sketch": sketch, "warps": warps, "fragments": held},
        "registers": used.registers,
        "spills": used.stack + used.spills,
    }


@cache
def _drawn(gpu: str, seed: int, kind: Kind) -> list[tuple[int, Mapping[str, int]]]:
    """Programs of a kind, each of other tiles than those before."""
    rng = np.random.default_rng(seed)
    unlike: dict[tuple[int, ...], tuple[int, Mapping[str, int]]] = {}
    for number, sketch in enumerate(_sketches(gpu, kind.program)):
        for assignment in sketch.problem.sample(DRAWN, rng):
            warps, held = _takes(assignment)
            if kind.has(warps, held):
                unlike.setdefault((number, warps, held), (number, dict(assignment)))
    programs = list(unlike.values())
    return [programs[at] for at in rng.permutation(len(programs))]


def _takes(assignment: Mapping[str, int]) -> tuple[int, int]:
    """Warps of a block, and registers of fragments in a thread."""
    bytes_of_warp = assignment["warp.bytes"]
    return assignment["registers.bytes"] // bytes_of_warp, bytes_of_warp // _BYTES - NEEDED


def _can_have(warps: int) -> int:
    """Registers of a thread of a block of so many warps, of 65,536."""
    return min(OF_THREAD, 65536 // (WARP * warps) // 8 * 8)


@cache
def _sketches(gpu: str, program: str) -> list[ConstrainedSketch]:
    """Of the product, for a GPU that has more registers than there are."""
    there = _gpu(gpu)
    memories = tuple(
        replace(memory, capacity=MOST * _BYTES) if memory.name == FRAGMENTS else memory
        for memory in there.memories
    )
    limits = {**there.limits, "registers": 4 * there.limits["registers"]}
    roomy = replace(there, memories=memories, limits=limits)
    mod: Any = heron_ms.normalize(IRModule({"main": PROGRAMS[program].prim_func()}))
    made = heron_ms.generate_sketches(mod, Target(there.target()))
    return [constrain(sketch, roomy) for sketch in made]


def _gpu(name: str) -> TensorCore:
    return only(TensorCore, machine(name), "GPU")
