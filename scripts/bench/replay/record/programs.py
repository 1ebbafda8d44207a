"""One program after the other: made, built, compared with numpy, timed. Runs in a child process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tvm

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import RemoveWeightLayoutRewriteBlock, ms, tvm_compile
from heron_ms.space_generators import HeronSpace
from heron_ms.testing.replay_task import Task
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.console import first_line

OK, NOT_MATERIALISED, NOT_BUILT, NOT_RUN, WRONG = range(5)
"""What became of a candidate, as `heron_ms.testing.replay_set.Kind` numbers it."""

AIM = 0.06
"""Seconds of one candidate's timing."""


@dataclass(frozen=True)
class Outcome:
    """How far a candidate came, the seconds of its repeats, sorted, and what stopped it."""

    kind: int
    seconds: tuple[float, ...] = ()
    why: str = ""


class Programs:
    """The sketches of a set, its operands and what is right, in the child."""

    def __init__(self, definition: Path) -> None:
        preload_intrinsics()
        self._task = task = Task.from_json(json.loads(definition.read_text()))
        self._target = task.tvm_target
        self._context = ms.TuneContext(
            mod=task.mod, target=self._target, space_generator=HeronSpace(), num_threads=1
        )
        case = OPERATORS[task.operator].of(task.sizes, weight=task.weight)
        a, b = case.random_inputs(np.random.default_rng(0))
        self._right, self._bound = case.reference(a, b), case.tolerance(a, b)
        # Not zeros: a program that forgets to initialise its sums must not look right.
        self._unset = np.full(case.c_shape, -7, case.dtypes.c)
        self._tensors = [tvm.runtime.tensor(x) for x in (a, case.arrange(b), self._unset)]

    def measure(self, sketch: int, values: list[int], say: Callable[[int], None]) -> Outcome:
        """All steps of one candidate; ``say`` hears what each would fail as, before it begins."""
        kind = NOT_MATERIALISED
        try:
            module = self._materialised(sketch, values)
            say(kind := NOT_BUILT)
            kernel = self._built(module)
            say(kind := NOT_RUN)
            if not self._is_right(kernel):
                return Outcome(WRONG, why="wrong result")
            return Outcome(OK, self._times(kernel))
        except Exception as error:  # whatever it is, it is this candidate's
            return Outcome(kind, why=first_line(error))

    def _materialised(self, sketch: int, values: list[int]) -> Any:
        constrained = self._task.constrained[sketch]
        (row,) = self._task.rows(sketch, [values]).tolist()
        sch = constrained.materialize(dict(zip(constrained.problem.names, row, strict=True)))
        sch.enter_postproc()
        for postproc in self._context.space_generator.postprocs or []:
            if not postproc.apply(sch):
                raise RuntimeError(f"rejected by {type(postproc).__name__}")
        return sch.mod

    def _built(self, module: Any) -> Any:
        clean = RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(module)
        return tvm_compile(clean, target=self._target).jit()

    def _is_right(self, kernel: Any) -> bool:
        self._tensors[2].copyfrom(self._unset)
        kernel["main"](*self._tensors)
        got = self._tensors[2].numpy()
        return bool(np.all(np.abs(got.astype(np.float64) - self._right) <= self._bound))

    def _times(self, kernel: Any) -> tuple[float, ...]:
        """Repeats of at least a millisecond, as many as fit, from 5 to 15; in seconds, sorted."""

        def run(repeat: int) -> list[float]:
            timer = kernel.time_evaluator(
                "main", tvm.cpu(), number=1, repeat=repeat, min_repeat_ms=1
            )
            return [float(x) for x in timer(*self._tensors).results]

        once = max(min(run(1)), 1e-3)
        return tuple(sorted(run(int(min(15, max(5, AIM / once))))))
