"""A kernel of any library, ready to run, and the job that it was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Run = Callable[[], object]
Loop = Callable[[int], object]


_ROUNDING = {"bfloat16": 2.0**-8, "float16": 2.0**-11}
"""How far a short float may be from what it stands for, relatively: half its last bit."""


class Unsupported(Exception):
    """A library has no such operator; the message says why."""


@dataclass(frozen=True)
class Job:
    """A workload with its data: A in the program's layout, B in the logical one, C as it must be.

    ``threads`` is the number of threads that a library may use, the calling one included.
    """

    workload: Any
    a: Array
    b: Array
    expected: Array
    threads: int = 1

    @property
    def operator(self) -> str:
        """The operator's name in the paper."""
        return str(self.workload.operator)

    @property
    def integer(self) -> bool:
        """Whether the operands are bytes."""
        return bool(np.issubdtype(self.a.dtype, np.integer))


@dataclass(frozen=True)
class Kernel:
    """``run`` computes the result from data that stays where it is; ``output`` also returns it.

    ``output`` has the layout of the program's C and the dtype named by ``result``; ``expect`` makes
    of the exact C what it should be, from which a short float may be a rounding away. ``loop``,
    where there is one, makes a function that computes the result n times in compiled code. ``note``
    is for the reader of the table.
    """

    run: Run
    output: Callable[[], Array]
    result: str
    expect: Callable[[Array], Array] = lambda exact: exact
    loop: Callable[[], Loop] | None = None
    note: str = ""

    def right(self, job: Job) -> bool:
        """Whether the result is equal to numpy's, or for floats within the workload's bound."""
        output, expected = self.output(), self.expect(job.expected)
        if output.shape != expected.shape:
            return False
        rounding = _ROUNDING.get(self.result, 0.0) * np.abs(expected.astype(np.float64))
        bound = job.workload.tolerance(job.a, job.b) + rounding
        # Wide enough that the difference of two bytes cannot wrap; NaN must not look right.
        error = np.abs(output.astype(np.float64) - expected.astype(np.float64))
        return bool(np.all(error <= bound))


Maker = Callable[[Job], Kernel]
