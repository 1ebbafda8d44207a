"""The model as a start for the learned cost model: which programs to try before any is measured.

What tells the programs of one operator apart on a CPU is how much the register tile leaves to the
first cache, what the first two caches have to fetch again, and how often operands are copied into
another layout. The score is the sum of these, on a log scale, less being better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, SBlock, collect
from heron_ms.constraints import ConstrainedSketch
from heron_ms.hardware import Cpu
from heron_ms.interstellar.cpu import cpu_accelerator
from heron_ms.interstellar.nest.cost import Cost
from heron_ms.interstellar.tir.accesses import Access
from heron_ms.interstellar.tir.caches import Caches
from heron_ms.interstellar.tir.executions import executions
from heron_ms.interstellar.tir.program_cost import evaluate_tir
from heron_ms.interstellar.tir.reader import read_accesses
from heron_ms.layout_free import PREPROC

FETCH = (2.0, 10.0)
"""Bytes loaded into registers that take as long as one that is fetched into L1, and into L2.

Chosen on 24 random programs of each of three float32 products with weights packed ahead, 128 x 768
x 768, 128 x 3072 x 768 and 197 x 768 x 768, on a core with 48 KB of L1 and 2 MB of L2 (Sapphire
Rapids or later). The rank correlation with the measured time is 0.73, 0.82 and 0.91, and 0.62, 0.24
and 0.63 without; on a product of bytes and a 3x3 convolution, which were not looked at, 0.68 and
0.70, and 0.50 and 0.54 without. Half and twice as much differ little. What comes into L2 again and
again is a weight that is larger, at some 22 GB/s there.
"""

COPY = 12.0
"""Bytes loaded into registers that take as long as one that is copied into another layout.

A load of a kernel moves a vector, a copy a few bytes. The value was chosen on the first, random
rounds of eight searches for matrix products on an AMD core (znver4), where the mean rank
correlation is 0.46 without it, 0.53 for half, 0.57 as it is and 0.58 for twice as much; on 40
searches for all operators it is 0.58, 0.62, 0.61 and 0.56; all of that with nothing but bytes for
loads, and without `FETCH`.
"""


def cpu_cost(program: PrimFunc | IRModule, machine: Cpu, precision: int = 8) -> Cost:
    """The cost of a scheduled program on a CPU with warm caches.

    Its `Cost.dominant` is the level that takes most of the energy. precision: bits of the operands.
    Raises `ModelError` for a program that cannot be read.
    """
    return evaluate_tir(program, cpu_accelerator(machine, precision), warm=True)


def score(program: PrimFunc | IRModule, machine: Cpu) -> float:
    """How good a program looks; higher is better.

    Minus the logarithm of the bytes that are loaded into registers, of those that are fetched into
    the first two caches, each `FETCH` times, and of those that are copied, each `COPY` times.
    Weights that are packed ahead count as packed. It takes some milliseconds. Raises `ModelError`
    for a program that cannot be read.
    """
    function = program["main"] if isinstance(program, IRModule) else program
    ahead = {str(b.name_hint) for b in collect(function.body, SBlock) if b.annotations.get(PREPROC)}
    accesses = [access for access in read_accesses(function) if access.block not in ahead]
    copied = COPY * _copied(accesses, set(function.params))
    return -float(np.log1p(_moved(accesses, machine) + copied))


def _moved(accesses: Sequence[Access], machine: Cpu) -> float:
    """Bytes that go into registers, and those that go into caches, as many as take as long."""
    caches, (_, *levels) = Caches(accesses), machine.hierarchy
    moved = sum(caches.loaded(_registers(accesses, machine), _vectors(accesses)).values())
    for level, factor in zip(levels, FETCH, strict=False):
        moved += factor * sum(caches.fetched(level.capacity).values())
    return moved


def _registers(accesses: Sequence[Access], machine: Cpu) -> int:
    """Bytes of the registers that a program accumulates in, which may be others than vectors."""
    own = (machine.memory_at(access.scope) for access in accesses)
    sizes = (memory.capacity for memory in own if memory is not None)
    return max([machine.hierarchy[0].capacity, *sizes])


def _vectors(accesses: Sequence[Access]) -> Callable[[Access], float]:
    """What an access of a kernel counts as: as much as its widest, however little it moves.

    A scalar that is broadcast takes a load, just as a vector does.
    """
    widest: dict[str, int] = {}
    for access in accesses:
        widest[access.block] = max(widest.get(access.block, 0), _bytes(access))
    return lambda access: widest[access.block] / _bytes(access) if access.role != "copy" else 1.0


def _bytes(access: Access) -> int:
    """Bytes of an access."""
    return access.elements * access.itemsize


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
