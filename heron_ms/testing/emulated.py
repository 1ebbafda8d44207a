"""What the emulation says of a program for TensorCores."""

from __future__ import annotations

import numpy as np

from heron_ms._tvm import tensors_of
from heron_ms.measure.tensorcore.emulation.emulate import MODES, Counts, Emulated
from heron_ms.measure.tensorcore.lowering import Lowered
from heron_ms.testing.whole import whole_inputs
from heron_ms.workloads import Workload

_UNWRITTEN = -7


def emulated(
    workload: Workload, program: Lowered, rng: np.random.Generator
) -> list[tuple[float, Counts]]:
    """The largest error on integers, of which all sums are exact, and the counts, in each mode.

    Raises what `Emulated` raises.
    """
    a, b = whole_inputs(workload, rng)
    right = workload.reference(a, b).astype(float)
    kernels = Emulated(program, [str(one.name) for one in tensors_of(workload.prim_func())])
    given = [a, workload.arrange(b), np.full(right.shape, _UNWRITTEN, workload.dtypes.c)]
    runs = [kernels(given, mode) for mode in MODES]
    return [(float(np.abs(arrays[2] - right).max()), counts) for arrays, counts in runs]
