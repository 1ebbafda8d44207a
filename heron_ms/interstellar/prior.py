"""The model as a start for the learned cost model: which programs to try before any is measured.

On a CPU the caches below the first one hide behind the arithmetic. What tells the programs of one
operator apart is how much the register tile leaves to the first cache, and how often operands are
copied into another layout. The score is the sum of both, on a log scale, less being better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, SBlock, collect
from heron_ms.constraints import ConstrainedSketch
from heron_ms.hardware import Cpu
from heron_ms.hardware.cpu.cpu import REGISTERS
from heron_ms.interstellar.cpu import cpu_accelerator
from heron_ms.interstellar.nest.cost import Cost
from heron_ms.interstellar.tir.accesses import Access
from heron_ms.interstellar.tir.caches import Caches
from heron_ms.interstellar.tir.executions import executions
from heron_ms.interstellar.tir.program_cost import evaluate_tir
from heron_ms.interstellar.tir.reader import read_accesses
from heron_ms.layout_free import PREPROC

COPY = 12.0
"""Bytes from the first cache that take as long as a byte copied into another layout.

A load of a kernel moves a vector, a copy a few bytes. The value was chosen on the first, random
rounds of eight searches for matrix products on an AMD core (znver4), where the mean rank
correlation is 0.46 without it, 0.53 for half, 0.57 as it is and 0.58 for twice as much; on 40
searches for all operators it is 0.58, 0.62, 0.61 and 0.56.
"""


def cpu_cost(program: PrimFunc | IRModule, machine: Cpu, precision: int = 8) -> Cost:
    """The cost of a scheduled program on a CPU with warm caches.

    Its `Cost.dominant` is the level that takes most of the energy. precision: bits of the operands.
    Raises `ModelError` for a program that cannot be read.
    """
    return evaluate_tir(program, cpu_accelerator(machine, precision), warm=True)


def score(program: PrimFunc | IRModule, machine: Cpu) -> float:
    """How good a program looks; higher is better.

    Minus the logarithm of the bytes that the first cache serves and of those that are copied, each
    of these `COPY` times. Weights that are packed ahead count as packed. It takes some
    milliseconds. Raises `ModelError` for a program that cannot be read.
    """
    function = program["main"] if isinstance(program, IRModule) else program
    ahead = {str(b.name_hint) for b in collect(function.body, SBlock) if b.annotations.get(PREPROC)}
    accesses = [access for access in read_accesses(function) if access.block not in ahead]
    served = sum(Caches(accesses).fetched(machine.memory(REGISTERS).capacity).values())
    return -float(np.log1p(served + COPY * _copied(accesses, set(function.params))))


def _copied(accesses: Sequence[Access], arguments: set[Any]) -> int:
    """Bytes that are copied into buffers other than the arguments, each as often as it is."""
    copies = (a for a in accesses if a.write and a.role == "copy" and a.buffer not in arguments)
    return sum(executions(access) * access.elements * access.itemsize for access in copies)


def prior_scores(
    sketch: ConstrainedSketch, assignments: Sequence[Mapping[str, int]], machine: Cpu
) -> NDArray[np.float64]:
    """Scores of assignments of a sketch, float64 [assignments]; higher is better.

    Each is materialised and read, which takes about a hundredth of a second; nothing is compiled.
    Raises what `ConstrainedSketch.materialize` and `score` raise.
    """
    return np.array(
        [score(sketch.materialize(assignment).mod, machine) for assignment in assignments]
    )
