"""What becomes of a scheduled program for TensorCores: lowered, compiled, emulated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import compress
from operator import not_
from time import perf_counter

import numpy as np
from tvm.s_tir.analysis import verify_gpu_code

from heron_ms._tvm import IRModule
from heron_ms.errors import EmulationError, HeronError, ToolChainError
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.lowering import Lowered, compiled_for, lower
from heron_ms.measure.tensorcore.toolchain import compile_cuda
from heron_ms.testing.emulated import emulated
from scripts.bench.tensorcore.cases import OURS, Case
from scripts.bench.tensorcore.stock_source import stock_source
from scripts.bench.tensorcore.together import clean_together

FAILURES = ("refused", "not lowered", "other shared bytes", "nvcc fails", "stack", "spills",
            "inexact")  # fmt: skip
DONE = ("drawn", "compiled", "emulated")
TOGETHER = 16
"""Programs that are given to nvcc at once."""

_LIMITS = ("max_shared_memory_per_block", "max_threads_per_block")
_STOCKS = {"max_vthread": 8, "max_vector_bytes": 16}
"""Limits of MetaSchedule's VerifyGPUCode that no target says."""

OBJECTIONS = (HeronError, RuntimeError, ValueError, TypeError, AttributeError)
"""What TVM and we raise for a program that cannot be lowered."""


class Judge:
    """Counts what becomes of the programs of a case, of which the first go furthest.

    compiled, emulated: how many programs that lower are. counts: of `DONE` and of `FAILURES`.
    seconds: that compiling and emulating took. why: the first objection, "" where there is none.
    """

    def __init__(
        self, case: Case, rng: np.random.Generator, *, compiled: int, emulated: int
    ) -> None:
        self._case, self._rng = case, rng
        self._most = {"compiled": compiled, "emulated": emulated}
        self.counts: Counter[str] = Counter(dict.fromkeys((*DONE, *FAILURES), 0))
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.why = ""
        self._waiting: list[str] = []

    def refuse(self) -> None:
        """Count a program that its space draws and then does not want."""
        self.counts["drawn"] += 1
        self.counts["refused"] += 1

    def judge(self, mod: IRModule, shared: int) -> None:
        """Take a program as far as it is to go; ``shared``: bytes of shared memory it should take.

        Those of stock, for which nothing is said, are not compared, and not emulated.
        """
        self.counts["drawn"] += 1
        if self._case.side != OURS:
            self._judge_stock(mod)
            return
        try:
            lowered = lower(mod, self._case.machine)
        except OBJECTIONS as error:
            self._object("not lowered", error)
            return
        self.counts["refused"] += not _keeps_limits(lowered, self._case.machine)
        taken = max(kernel.shared for kernel in lowered.kernels)
        self.counts["other shared bytes"] += taken != shared
        self._take(lowered.source)
        if self._goes_on("emulated"):
            with self._timed("emulated"):
                self._emulate(lowered)

    def _goes_on(self, done: str) -> bool:
        return self.counts[done] < self._most[done]

    @contextmanager
    def _timed(self, done: str) -> Iterator[None]:
        begun = perf_counter()
        yield
        self.seconds[done] += perf_counter() - begun

    def _judge_stock(self, mod: IRModule) -> None:
        try:
            source = stock_source(mod, self._case.machine)
        except OBJECTIONS as error:
            self._object("not lowered", error)
            return
        self._take(source)

    def _take(self, source: str) -> None:
        """Have a program compiled, sooner or later, if it is among the first."""
        if self._goes_on("compiled"):
            self.counts["compiled"] += 1
            self._waiting.append(source)
        if len(self._waiting) == TOGETHER:
            self.finish()

    def finish(self) -> None:
        """Compile what waits for it; a program that is not clean among others, by itself."""
        if not self._waiting:
            return
        with self._timed("compiled"):
            for gpu in self._case.compiled_for:
                clean = clean_together(self._waiting, gpu)
                for source in compress(self._waiting, map(not_, clean)):
                    self._compile(source, gpu)
        self._waiting.clear()

    def _compile(self, source: str, gpu: TensorCore) -> None:
        try:
            used = compile_cuda(source, gpu).used.values()
        except ToolChainError as error:
            self._object("nvcc fails", error)
            return
        self.counts["stack"] += any(taken.stack for taken in used)
        self.counts["spills"] += any(taken.spills for taken in used)

    def _emulate(self, lowered: Lowered) -> None:
        """On integers, of which all sums are exact, with copies late and eager."""
        self.counts["emulated"] += 1
        try:
            runs = emulated(self._case.workload, lowered, self._rng)
        except EmulationError as error:
            self._object("inexact", error)
            return
        self.counts["inexact"] += any(error != 0 for error, _ in runs)

    def _object(self, failure: str, error: Exception) -> None:
        self.counts[failure] += 1
        self.why = self.why or str(error).strip().splitlines()[-1][:150]


def _keeps_limits(lowered: Lowered, gpu: TensorCore) -> bool:
    """Whether stock's check of GPU programs passes what a GPU is given."""
    assert lowered.halves is not None, "it was lowered here"
    attributes = compiled_for(gpu).attrs
    limits = {name: int(attributes[name]) for name in _LIMITS} | _STOCKS
    kernels = [function for _, function in lowered.halves.device.functions_items()]
    return all(verify_gpu_code(kernel, limits) for kernel in kernels)
