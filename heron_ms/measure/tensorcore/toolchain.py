"""NVIDIA's compiler, from PyPI or from the system, and what it says of a kernel."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which

from heron_ms.errors import ToolChainError
from heron_ms.hardware.tensorcore import TensorCore

_USED = re.compile(
    r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
    r"(\d+) bytes spill loads.*?Used (\d+) registers(?:[^\n]*?, (\d+) bytes smem)?",
    re.DOTALL,
)
_BOUNDS = re.compile(r"__launch_bounds__\((\d+)")
_MOST_THREADS = 1024
"""Of a block, of every GPU since Volta."""


@dataclass(frozen=True)
class Resources:
    """What a thread of a kernel takes: registers, and bytes of stack and of spills.

    shared: bytes of static shared memory of a block.
    """

    registers: int
    stack: int
    spills: int
    shared: int = 0


@cache
def nvcc() -> Path:
    """The compiler; raises `ToolChainError`, which says what to install, where there is none."""
    spec = importlib.util.find_spec("nvidia")
    folders = () if spec is None else tuple(spec.submodule_search_locations or ())
    from_wheels = (Path(folder) / "cu13" / "bin" / "nvcc" for folder in folders)
    found = next((path for path in from_wheels if path.exists()), None) or which("nvcc")
    if found is None:
        raise ToolChainError("no nvcc to compile CUDA with: pip install 'heron-ms[cuda]'")
    return Path(found)


def require(machine: TensorCore) -> None:
    """Raise `ToolChainError`, which says what to install, unless a GPU can be compiled for."""
    known = architectures() or {machine.capability}
    if machine.capability not in known:
        other = "CUDA 12 has it" if machine.capability < min(known) else "a newer CUDA may have it"
        raise ToolChainError(
            f"{nvcc()} compiles for sm_{min(known)} to sm_{max(known)}, {machine.name} is "
            f"{machine.arch}: {other}"
        )


@cache
def architectures() -> frozenset[int]:
    """What `nvcc` compiles for, 80 for "sm_80"."""
    command = [str(nvcc()), "--list-gpu-code"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return frozenset(int(number) for number in re.findall(r"^sm_(\d+)$", said, re.MULTILINE))


def compile_cuda(source: str, machine: TensorCore) -> dict[str, Resources]:
    """The resources of each kernel of some CUDA C++; raises `ToolChainError` where it fails.

    ptxas may spill while most registers are free: a kernel that spills is compiled again with
    leave to use all that its threads can have.
    """
    used = _compiled(source, machine.arch)
    if any(kernel.stack or kernel.spills for kernel in used.values()):
        return _compiled(source, machine.arch, f"-maxrregcount={_at_most(source, machine)}")
    return used


def _at_most(source: str, machine: TensorCore) -> int:
    """Registers of a thread, of which ptxas hands out eight at a time, by the largest block."""
    threads = max((int(bound) for bound in _BOUNDS.findall(source)), default=_MOST_THREADS)
    return min(255, machine.limits["registers"] // threads // 8 * 8)


def _compiled(source: str, arch: str, *options: str) -> dict[str, Resources]:
    with tempfile.TemporaryDirectory(prefix="nvcc-") as folder:
        file = Path(folder) / "kernel.cu"
        file.write_text(source, encoding="utf-8")
        command = [str(nvcc()), f"-arch={arch}", "-cubin", "-w", "-Xptxas", "-v", *options]
        command += ["-o", str(file.with_suffix(".cubin")), str(file)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        lines = [line for line in run.stderr.splitlines() if "error" in line or "fatal" in line]
        raise ToolChainError(f"nvcc for {arch} fails: {(lines or [run.stderr])[0][:200]}")
    return {
        found[1]: Resources(
            int(found[5]), int(found[2]), int(found[3]) + int(found[4]), int(found[6] or 0)
        )
        for found in _USED.finditer(run.stderr)
    }
