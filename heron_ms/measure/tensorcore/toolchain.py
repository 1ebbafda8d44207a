"""NVIDIA's compiler, from PyPI or from the system, and what it says of a kernel."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which

from heron_ms.errors import ToolChainError
from heron_ms.hardware.tensorcore import TensorCore

EXTRA = "cuda"
"""The extra of heron-ms that brings the compiler."""

_USED = re.compile(
    r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
    r"(\d+) bytes spill loads.*?Used (\d+) registers(?:[^\n]*?, (\d+) bytes smem)?",
    re.DOTALL,
)
LONG = "_long"
"""In the name of a loop that nothing asks to unroll, but that nvcc might."""
_BOUNDS = re.compile(r"__launch_bounds__\((\d+)\)")
_LOOPS = re.compile(rf"^( *)(?=for \(int \w*{LONG}\w* = )", re.MULTILINE)


@dataclass(frozen=True)
class Resources:
    """What a thread of a kernel takes: registers, and bytes of stack and of spills.

    shared: bytes of static shared memory of a block.
    """

    registers: int
    stack: int
    spills: int
    shared: int = 0


@dataclass(frozen=True)
class Binary:
    """Machine code (a cubin), and the resources of each kernel in it."""

    code: bytes
    used: Mapping[str, Resources]


def from_wheels(*path: str) -> Path | None:
    """A file that NVIDIA's wheels of CUDA 13 brought; None where it is not installed."""
    spec = importlib.util.find_spec("nvidia")
    folders = () if spec is None else tuple(spec.submodule_search_locations or ())
    files = (Path(folder, "cu13", *path) for folder in folders)
    return next((file for file in files if file.exists()), None)


@cache
def nvcc() -> Path:
    """The compiler; raises `ToolChainError`, which says what to install, where there is none."""
    found = from_wheels("bin", "nvcc") or which("nvcc")
    if found is None:
        raise ToolChainError(f"no nvcc to compile CUDA with: pip install 'heron-ms[{EXTRA}]'")
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


def compile_cuda(source: str, machine: TensorCore) -> Binary:
    """The kernels of some CUDA C++ for a GPU; raises `ToolChainError` where nvcc fails.

    ptxas may spill while most registers are free, so that a multiprocessor holds more blocks, and
    nvcc unroll a loop until its addresses fill them. So a kernel that spills is compiled again,
    with leave to use all that the threads of one block can have, then without that unrolling. No
    one of these is better for every kernel.
    """
    ways = source, _alone(source), _rolled(_alone(source)), _rolled(source)
    for written in dict.fromkeys(ways):
        made = compile_as_is(written, machine)
        if not any(kernel.stack or kernel.spills for kernel in made.used.values()):
            break
    return made


def _alone(source: str) -> str:
    """With registers for no more blocks on a multiprocessor than one."""
    return _BOUNDS.sub(r"__launch_bounds__(\1, 1)", source)


def _rolled(source: str) -> str:
    """With long loops as they are."""
    return _LOOPS.sub(r"\1#pragma unroll 1\n\1", source)


def compile_as_is(source: str, machine: TensorCore) -> Binary:
    """The kernels as nvcc first makes them; raises `ToolChainError` where it fails."""
    with tempfile.TemporaryDirectory(prefix="nvcc-") as folder:
        file = Path(folder) / "kernel.cu"
        file.write_text(source, encoding="utf-8")
        command = [str(nvcc()), f"-arch={machine.arch}", "-cubin", "-w", "-Xptxas", "-v"]
        command += ["-o", str(file.with_suffix(".cubin")), str(file)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            lines = [line for line in run.stderr.splitlines() if "error" in line or "fatal" in line]
            why = (lines or [run.stderr])[0][:200]
            raise ToolChainError(f"nvcc for {machine.arch} fails: {why}")
        return Binary(file.with_suffix(".cubin").read_bytes(), _resources(run.stderr))


def _resources(said: str) -> dict[str, Resources]:
    """Of each kernel, as ptxas tells them."""
    return {
        found[1]: Resources(
            int(found[5]), int(found[2]), int(found[3]) + int(found[4]), int(found[6] or 0)
        )
        for found in _USED.finditer(said)
    }
