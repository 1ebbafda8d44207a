"""A quick import of the wheel's tensor intrinsics, which `TuneContext` cannot be made without."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType

_MODULE = "tvm.s_tir.tensor_intrin"
_OF_CPUS = ("x86", "arm_cpu", "riscv_cpu")
_left_out = False


def leave_out_gpus() -> None:
    """Have `preload_intrinsics` import those of CPUs alone, in half a second.

    For a process that is all ours: whatever else runs in it would not find the others.
    """
    global _left_out
    _left_out = True


def preload_intrinsics() -> None:
    """Import TVM's own intrinsics in about three seconds instead of fifteen.

    The TVMScript parser asks `inspect.stack` for every frame of every function; looking up the
    source around each frame is what takes the time, and the parser does not read it.
    """
    if _MODULE not in sys.modules:
        with frames_without_source():
            if _left_out:
                _import_cpus()
            else:
                importlib.import_module(_MODULE)


@contextmanager
def without_intrinsics() -> Iterator[None]:
    """While this holds, a `TuneContext` is made without TVM's own intrinsics, and at once."""
    if _MODULE in sys.modules:
        yield
        return
    sys.modules[_MODULE] = ModuleType(_MODULE)
    try:
        yield
    finally:
        del sys.modules[_MODULE]


def _import_cpus() -> None:
    """The package without what its ``__init__`` imports."""
    spec = importlib.util.find_spec(_MODULE)
    assert spec is not None
    sys.modules[_MODULE] = importlib.util.module_from_spec(spec)
    for name in _OF_CPUS:
        importlib.import_module(f"{_MODULE}.{name}")


@contextmanager
def frames_without_source() -> Iterator[None]:
    """While this holds, TVMScript is parsed without reading the source around every frame."""
    original = inspect.getframeinfo

    def without_source(frame: FrameType, context: int = 0) -> inspect.Traceback:
        code = frame.f_code
        return inspect.Traceback(code.co_filename, frame.f_lineno, code.co_name, None, None)

    inspect.getframeinfo = without_source  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getframeinfo = original
