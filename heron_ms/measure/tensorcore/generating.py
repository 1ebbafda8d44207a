"""TVM's code generators, with machine code of ours where they would compile their own.

Where TVM has its CUDA runtime, what generates CUDA C++ has it compiled at once, by a function that
is known to the whole process (``tvm_callback_cuda_compile``) and takes options of its own. It is
asked by the thread that generates, so ours answers in its place while a thread says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock, local
from typing import Any

from tvm_ffi import get_global_func, register_global_func

from heron_ms._tvm import IRModule, Target

_COMPILES = "tvm_callback_cuda_compile"
PROLOGUE_ENDS = "#define ushort unsigned short\n#endif"
"""The last of what all CUDA C++ begins with; functions and kernels of a program follow."""
_NOTHING = b"//"
"""What TVM takes for PTX, and does not look at before a kernel is launched."""
_answering = local()
_llvm = Lock()
"""LLVM's options, which TVM sets while it compiles, are those of the whole process."""


def source_of(device: IRModule, target: Target) -> str:
    """The CUDA C++ of kernels, of which nothing is compiled."""
    return str(_generated(device, target, _NOTHING).inspect_source())


def linked(host: IRModule, device: IRModule, target: Target, code: bytes) -> Any:
    """TVM's module of what launches kernels, with the machine code of the kernels (a cubin)."""
    from tvm.tirx.build import codegen_build

    with _llvm:
        module = codegen_build(host, target.host)
    module.import_module(_generated(device, target, code))
    return module


def _generated(device: IRModule, target: Target, code: bytes) -> Any:
    from tvm.tirx.build import codegen_build

    with _answered(code):
        return codegen_build(device, target)


@contextmanager
def _answered(code: bytes) -> Iterator[None]:
    """While this holds, what this thread generates has been compiled to this."""
    _hook()
    _answering.code = code
    try:
        yield
    finally:
        del _answering.code


@cache
def _hook() -> None:
    """Put our answer in front of TVM's compiler, once in the life of the process."""
    compiler: Callable[[str], Any] = get_global_func(_COMPILES)

    def compile_or_answer(source: str) -> Any:
        code = getattr(_answering, "code", None)
        return compiler(source) if code is None else code

    register_global_func(_COMPILES, compile_or_answer, override=True)
