"""A quick import of the wheel's tensor intrinsics, which `TuneContext` cannot be made without."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_MODULE = "tvm.s_tir.tensor_intrin"


def preload_intrinsics() -> None:
    """Import TVM's own intrinsics in about two seconds instead of fifteen.

    The TVMScript parser asks `inspect.stack` for every frame of every function; looking up the
    source around each frame is what takes the time, and the parser does not read it.
    """
    if _MODULE not in sys.modules:
        with frames_without_source():
            importlib.import_module(_MODULE)


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
