"""The last word on a tuned kernel: right on fresh random data, and its latency measured again.

Integers must be exact; floats may be off by the bound of `Workload.tolerance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heron_ms.checking import compared, count_wrong
from heron_ms.cli.tune.disturbance import spread_of
from heron_ms.cli.tune.kernels import Ahead
from heron_ms.measure.device import Device
from heron_ms.measure.records import seconds_of
from heron_ms.random_arguments import random_arguments
from heron_ms.workloads import Workload


@dataclass(frozen=True)
class Verdict:
    """How many elements of the output are wrong, and the seconds a call takes (`seconds_of`).

    facts: what else the device knows of it.
    """

    wrong: int
    elements: int
    seconds: float
    spread: float = 0.0
    facts: Mapping[str, str] = field(default_factory=dict)


def check(kernel: Any, workload: Workload, device: Device, ahead: Ahead | None = None) -> Verdict:
    """Run a kernel on fresh random inputs.

    With ``ahead``, what is measured is the kernel of packed arguments, which has to be right too.
    """
    return device.within(lambda: _check(kernel, workload, device, ahead))


def _check(kernel: Any, workload: Workload, device: Device, ahead: Ahead | None) -> Verdict:
    rng = np.random.default_rng()
    a, b = workload.random_inputs(rng)
    expected, tolerance = workload.reference(a, b), workload.tolerance(a, b)
    given = [a, workload.arrange(b)]
    func = workload.prim_func()
    wrong = compared(device, kernel["main"], func, lambda *_: expected, given, tolerance).wrong
    arguments = random_arguments(func, rng, given)
    if ahead is not None:
        kernel, arguments = ahead.kernel, ahead.packed(device, arguments)
        output = device.call(kernel["main"], arguments)[-1]
        wrong = max(wrong, count_wrong(output, expected, tolerance))
    times = device.seconds(kernel, arguments)
    facts = device.facts(kernel)
    return Verdict(wrong, expected.size, seconds_of(times), spread_of(times), facts)
