"""MetaSchedule's local runner, and a builder like its local one whose workers stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import Target, derived_object, ms
from heron_ms.hardware import allowed_cpus, for_target
from heron_ms.measure.cpu.arguments import ArgumentsRunner, Note
from heron_ms.measure.cpu.linking import exporting
from heron_ms.measure.cpu.vector_math import with_vector_math
from heron_ms.measure.cpu.workers import Workers
from heron_ms.measure.patience import SECONDS, patience


class _KeptBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """See `KeptBuilder`."""

    def __init__(
        self, max_workers: int, timeout_sec: float, build: Callable[[Any, Any], str]
    ) -> None:
        super().__init__()
        self._timeout = timeout_sec
        self._build = build
        self._workers = Workers(max_workers, timeout_sec, initializer({}))
        # They import TVM side by side, and what fails there is no candidate's fault.
        started = self._workers.map(_answer(), [()] * max_workers)
        if any(isinstance(answer, Exception) for answer in started):
            raise ChildProcessError("a worker process ended while it started")

    def build(self, build_inputs: list[Any]) -> list[Any]:
        tasks = [(with_vector_math(given.mod), given.target) for given in build_inputs]
        timeout = min(self._timeout, patience())
        outcomes = self._workers.map(self._build, tasks, timeout)
        for (mod, _), outcome in zip(tasks, outcomes, strict=True):
            if isinstance(outcome, str):
                Note.of(mod).leave(outcome)
        return [_result(outcome, timeout) for outcome in outcomes]

    def close(self) -> None:
        """End the worker processes."""
        self._workers.close()


def _result(outcome: Any, timeout: float) -> Any:
    if isinstance(outcome, str):
        return ms.builder.BuilderResult(outcome, None)
    words = f"killed after {timeout:g} seconds" if isinstance(outcome, TimeoutError) else ""
    message = f"LocalBuilder: {type(outcome).__name__}: {words or outcome}"
    return ms.builder.BuilderResult(None, message)


KeptBuilder: Any = derived_object(_KeptBuilder)
"""``KeptBuilder(max_workers, timeout_sec, build)`` builds candidates in workers that stay.

``build`` takes a module and a target and returns the path of the artifact. A candidate that takes
too long, or ends its process, costs that candidate. ``close()`` ends the workers; so does the end
of this process, however it ends. Raises ChildProcessError where they do not start.
"""

MILLISECONDS = 1
"""How long a repeat lasts, at least. Beside a busy process the scheduler hands the core over every
few milliseconds: of repeats of one, more than a quarter stay whole, of repeats of two they may not.
"""


def local_builder(max_workers: int | None = None, timeout_sec: float = SECONDS) -> Any:
    """A `KeptBuilder` with a worker for each processor that it may use, unless told otherwise.

    Its workers do not import the wheel's tensor intrinsics: a scheduled module has none left to
    look up, and that import costs every worker up to 15 seconds of CPU.
    """
    count = len(allowed_cpus()) if max_workers is None else max_workers
    return KeptBuilder(count, timeout_sec, _build_function())


def local_runner(target: Target, timeout_sec: float = SECONDS, in_model: bool = False) -> Any:
    """A `LocalRunner` on as many threads as the target has cores; judge it by `seconds_of`.

    Indices among the arguments of what `local_builder` built lie within what they index. With
    ``in_model`` its caches hold what they would in a model (`rotating`): the inputs, but not the
    arguments whose layout is free and not the outputs.
    """
    config = ms.runner.EvaluatorConfig(number=1, repeat=15, min_repeat_ms=MILLISECONDS)
    # Without it TVM takes half of the logical processors, whatever the target says; binding would
    # move a pinned process off the core it was given.
    threads = {"TVM_NUM_THREADS": str(for_target(target).cores), "TVM_BIND_THREADS": "0"}
    runner = ms.runner.LocalRunner(
        timeout_sec=timeout_sec,
        evaluator_config=config,
        initializer=initializer(threads),
    )
    return ArgumentsRunner(runner, in_model)


def _build_function() -> Callable[[Any, Any], str]:
    # Linked in a worker, where several are at once: MetaSchedule exports objects, and its one
    # runner waits for the linker.
    export = exporting()

    # A local function travels to the workers by value: they need not import heron_ms.
    def build(mod: Any, target: Any) -> str:
        from pathlib import Path
        from tempfile import mkdtemp
        from time import perf_counter

        from tvm.driver import build as tvm_build
        from tvm.s_tir.transform import RemoveWeightLayoutRewriteBlock

        begun = perf_counter()
        whole = RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(mod)
        path = Path(mkdtemp(prefix="built-")) / "program"
        artifact = export(tvm_build(whole, target), target, path)
        Path(artifact).with_name("build_seconds").write_text(str(perf_counter() - begun))
        return str(artifact)

    return build


def _answer() -> Callable[[], None]:
    def answer() -> None:
        import tvm.s_tir.meta_schedule  # noqa: F401

    return answer


def initializer(environment: dict[str, str]) -> Callable[[], None]:
    """What a worker does first: set its environment, and see to it that it ends with its parent."""

    # A local function, as above.
    def initialize() -> None:
        import ctypes
        import os
        import signal
        from contextlib import suppress

        os.environ.update(environment)
        # One that computes would notice a parent that was killed only when it is done.
        with suppress(OSError, AttributeError):  # a system that is not Linux
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    return initialize
