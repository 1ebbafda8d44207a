"""What `heron-ms doctor` reads off: versions, the CPU, installed extras."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata, util
from pathlib import Path

from heron_ms.errors import TargetError, ToolChainError
from heron_ms.hardware import driver, host
from heron_ms.hardware.cpu.host import DL_BOOST
from heron_ms.hardware.cpu.isa import NOTABLE
from heron_ms.hardware.cpu.permission import withheld
from heron_ms.hardware.driver import Gpu
from heron_ms.hardware.gpu_here import gpu_here
from heron_ms.measure.tensorcore import runtime
from heron_ms.measure.tensorcore.toolchain import EXTRA, nvcc

_CPUINFO = Path("/proc/cpuinfo")
_EXTRAS = {
    "onnx": ("onnx", "onnxruntime"),
    "plot": ("matplotlib",),
    "peers": ("onnx", "onnxruntime", "torch", "onnxscript", "openvino"),
    "docs": ("mkdocs", "material", "mkdocstrings"),
    "dev": ("pytest", "xdist", "hypothesis", "ruff", "mypy", "ortools"),
}
"""What each extra is imported as, but for the one that brings a compiler and no module."""


class Status(Enum):
    """The outcome of a check; something missing is not an error."""

    OK = "ok"
    MISSING = "missing"
    FAIL = "fail"


@dataclass(frozen=True)
class Fact:
    """One line of the doctor's report."""

    status: Status
    name: str
    detail: str


def versions() -> Iterator[Fact]:
    """What is installed; `import heron_ms` has refused a TVM and an ffi that do not fit."""
    yield Fact(Status.OK, "python", platform.python_version())
    for name in ("heron-ms", "apache-tvm", "apache-tvm-ffi", "numpy", "xgboost"):
        try:
            yield Fact(Status.OK, name, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Fact(Status.FAIL, name, f"not installed: pip install {name}")
    yield _llvm()


def _llvm() -> Fact:
    from tvm.target.codegen import llvm_version_major

    version = llvm_version_major(allow_none=True)
    if version is None:
        return Fact(Status.FAIL, "LLVM", "this TVM was built without LLVM: install the wheel")
    return Fact(Status.OK, "LLVM", str(version))


def cpu() -> Iterator[Fact]:
    """The running CPU as the search spaces see it."""
    here = host()
    yield Fact(Status.OK, "CPU", f"{_model()} ({here.summary})")
    present = [feature for feature in NOTABLE if here.has(feature)]
    yield Fact(Status.OK, "CPU features", ", ".join(present) or "none that matters")
    if not here.has(DL_BOOST):
        yield Fact(Status.MISSING, DL_BOOST, "this CPU has none: no `tune --target dlboost` here")
    if withheld():
        detail = "this CPU has them, but the system does not permit them: kernels do without"
        yield Fact(Status.MISSING, "tile registers", detail)
    sizes = [f"{memory.name} {memory.capacity // 1024} KiB" for memory in here.hierarchy[1:]]
    yield Fact(Status.OK, "caches", ", ".join(sizes))
    yield Fact(Status.OK, "cores", f"{here.cores} (physical, that this process may use)")


def _model() -> str:
    text = _CPUINFO.read_text() if _CPUINFO.is_file() else ""
    line = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return line[1] if line else platform.machine()


def gpu() -> Iterator[Fact]:
    """The GPU of this computer, what it is as a target, and whether TVM can run anything on it."""
    there = driver.gpu()
    yield _described(there)
    why = runtime.lacking(None if there is None else there.name)
    if why is None:
        yield Fact(Status.OK, "GPU runtime", "TVM's CUDA runtime finds the GPU")
    else:
        yield Fact(Status.MISSING, "GPU runtime", why)


def _described(there: Gpu | None) -> Fact:
    if there is None:
        detail = "none here: programs for GPUs are compiled, emulated and estimated"
        return Fact(Status.MISSING, "GPU", detail)
    try:
        described = gpu_here()
    except TargetError as error:
        return Fact(Status.MISSING, "GPU", str(error))
    return Fact(Status.OK, "GPU", f"{there.name} ({described.kind}:{described.name})")


def extras() -> Iterator[Fact]:
    """The optional parts, with the command that installs what is missing."""
    for extra, modules in _EXTRAS.items():
        absent = [module for module in modules if util.find_spec(module) is None]
        if absent:
            detail = f"no {', '.join(absent)}: pip install 'heron-ms[{extra}]'"
            yield Fact(Status.MISSING, f"extra [{extra}]", detail)
        else:
            yield Fact(Status.OK, f"extra [{extra}]", ", ".join(modules))
    yield _compiler()


def _compiler() -> Fact:
    """The extra that brings one for GPUs."""
    name = f"extra [{EXTRA}]"
    try:
        return Fact(Status.OK, name, str(nvcc()))
    except ToolChainError as error:
        return Fact(Status.MISSING, name, str(error))
