"""MetaSchedule's local builder and runner, set up so that the workers do only their work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import Target, ms
from heron_ms.hardware import for_target

MILLISECONDS = 1
"""How long a repeat lasts, at least. Beside a busy process the scheduler hands the core over every
few milliseconds: of repeats of one, more than a quarter stay whole, of repeats of two they may not.
"""


def local_builder(max_workers: int | None = None, timeout_sec: float = 30.0) -> Any:
    """A `LocalBuilder` whose workers do not import the wheel's tensor intrinsics.

    A scheduled module has no intrinsic left to look up, and that import costs every worker up to
    15 seconds of CPU, which the time-out counts.
    """
    return ms.builder.LocalBuilder(
        max_workers=max_workers,
        timeout_sec=timeout_sec,
        f_build=_build_function(),
        initializer=_initializer({}),
    )


def local_runner(target: Target, timeout_sec: float = 30.0) -> Any:
    """A `LocalRunner` on as many threads as the target has cores; judge it by `seconds_of`."""
    config = ms.runner.EvaluatorConfig(number=1, repeat=15, min_repeat_ms=MILLISECONDS)
    # Without it TVM takes half of the logical processors, whatever the target says; binding would
    # move a pinned process off the core it was given.
    threads = {"TVM_NUM_THREADS": str(for_target(target).cores), "TVM_BIND_THREADS": "0"}
    return ms.runner.LocalRunner(
        timeout_sec=timeout_sec,
        evaluator_config=config,
        initializer=_initializer(threads),
    )


def _build_function() -> Callable[..., Any]:
    # A local function travels to the workers by value: they need not import heron_ms.
    def build(mod: Any, target: Any, _params: Any) -> Any:
        from tvm.driver import build as tvm_build
        from tvm.s_tir.transform import RemoveWeightLayoutRewriteBlock

        return tvm_build(RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(mod), target)

    return build


def _initializer(environment: dict[str, str]) -> Callable[[], None]:
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
