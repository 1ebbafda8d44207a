"""TVM's CUDA runtime, which its wheel brings in a library of its own.

TVM loads it while it is imported, if the libraries are found that it needs: the driver's, and
NVIDIA's runtime of CUDA 13. A wheel puts the latter where the system does not look; loaded by its
path before, it is found.
"""

from __future__ import annotations

from collections.abc import Callable

from heron_ms.errors import ToolChainError
from heron_ms.measure.tensorcore.toolchain import EXTRA, from_wheels

NEEDED = "libcudart.so.13"


def require(name: str) -> None:
    """Raise `ToolChainError`, which says what to install, unless kernels run on the GPU here."""
    why = lacking(name)
    if why is not None:
        raise ToolChainError(why)


def lacking(name: str | None) -> str | None:
    """Why no kernel runs here, with what to install, in a line; None where kernels run.

    name: of the GPU that is here; None where there is none.
    """
    if loading()():
        return None
    found = "finds no GPU" if name is None else "does not find it"
    here = "" if name is None else f"{name} is here, but "
    return (
        f"{here}TVM's CUDA runtime {found}: it needs {NEEDED} (pip install 'heron-ms[{EXTRA}]') "
        "and a driver for CUDA 13"
    )


def loading() -> Callable[[], bool]:
    """What loads the runtime into a process, and tells whether there is a GPU for it."""
    brought = from_wheels("lib", NEEDED)
    needed = NEEDED if brought is None else str(brought)

    # A local function travels to workers by value: they need not import heron_ms.
    def load() -> bool:
        import ctypes
        from contextlib import suppress
        from pathlib import Path

        import tvm

        if not tvm.cuda().exist:
            runtime = Path(tvm.__file__).with_name("lib") / "libtvm_runtime_cuda.so"
            with suppress(OSError):
                ctypes.CDLL(needed, mode=ctypes.RTLD_GLOBAL)
                ctypes.CDLL(str(runtime))
        return bool(tvm.cuda().exist)

    return load
