"""Programs of VTA's for the tests: the sketch of a workload, assignments of it, kernels."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Schedule, Target
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import load, machine
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.device import VtaDevice
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.normalization import normalize
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of, tilings
from heron_ms.tensorize import Mapping
from heron_ms.workloads import OPERATORS, Workload

FIELDS = {
    **{"LOG_INP_WIDTH": 3, "LOG_WGT_WIDTH": 3, "LOG_ACC_WIDTH": 5, "LOG_UOP_BUFF_SIZE": 12},
    **{"LOG_INP_BUFF_SIZE": 14, "LOG_WGT_BUFF_SIZE": 16, "LOG_ACC_BUFF_SIZE": 16},
}
"""Of a machine with memories of some thousand elements at most."""

PYNQ = only(Vta, machine("pynq"), "VTA")


def described(folder: Path, block: int = 16, batch: int = 1) -> Vta:
    """A machine by its configuration, known from now on."""
    file = folder / f"{batch}x{block}.json"
    logs = {"LOG_BATCH": batch.bit_length() - 1, "LOG_BLOCK": block.bit_length() - 1}
    file.write_text(json.dumps({**FIELDS, **logs}))
    return only(Vta, load(file), "VTA")


def workload(operator: str, *case: int, **options: Any) -> Workload:
    """An operator on bytes whose result is bytes."""
    return OPERATORS[operator].of(case, "s8s8s8", **options)


def sketch_of(given: Workload, described: Vta = PYNQ) -> ConstrainedSketch:
    """The one sketch of a workload with its problem."""
    mod = normalize(IRModule({"main": given.prim_func()}), described)
    [chosen] = plan_of(mod, described).sketches
    return constrain(Sketch(mod, chosen.schedule.trace), described)


def is_exchanged(given: Workload, described: Vta = PYNQ) -> bool:
    """Whether what a workload calls B is what its program loads as inputs."""
    mod = normalize(IRModule({"main": given.prim_func()}), described)
    return any(isinstance(block, Mapping) and block.swapped for block in tilings(mod, described))


def wrong(
    given: Workload,
    sch: Schedule,
    rng: np.random.Generator,
    described: Vta = PYNQ,
    counts: Counter[str] | None = None,
) -> tuple[int, Kernel]:
    """How many elements of a simulated program differ from numpy, and its kernel."""
    kernel = VtaDevice(described).compile(sch.mod, Target(PYNQ.target()))
    a, b = given.random_inputs(rng)
    right: NDArray[Any] = given.reference(a, b)
    arrays = [a, given.arrange(b), np.zeros(right.shape, right.dtype)]
    got = kernel.run(arrays, counts)[-1]
    return int(np.count_nonzero(got != right)), kernel
