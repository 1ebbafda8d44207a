"""Kernels compiled for the emulator, and called with arrays."""

from __future__ import annotations

import atexit
import hashlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from math import prod
from pathlib import Path
from shutil import rmtree, which
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms import _starting
from heron_ms.errors import EmulationError, ToolChainError
from heron_ms.hardware import physical_cpus
from heron_ms.measure.tensorcore.emulation.translate import translate
from heron_ms.measure.tensorcore.lowering import Kernel, Lowered

_FLAGS = "-O3 -march=native -w -fno-strict-aliasing -std=c++17".split()


@dataclass(frozen=True)
class Mode:
    """When copies of cp.async happen, and which warp runs first."""

    eager: bool = False
    reverse: bool = False


MODES = (Mode(), Mode(eager=True, reverse=True))
"""Late and eager: what a wrong program survives one way, it does not survive the other way."""


@dataclass(frozen=True)
class Counts:
    """What was executed: ldmatrix, their phases of eight rows, and the wavefronts these took."""

    ldmatrix: int
    phases: int
    wavefronts: int
    mma: int
    copies: int

    @property
    def conflicts(self) -> float:
        """Wavefronts for each phase: 1 where no two rows lie in one bank."""
        return self.wavefronts / self.phases if self.phases else 1.0


class Emulated:
    """Lowered kernels as one function on arrays; each kernel is a process of its own.

    names: of the arguments, in their order, as the program has them.
    """

    def __init__(self, lowered: Lowered, names: Sequence[str]) -> None:
        self._lowered, self._names = lowered, tuple(names)

    def __call__(
        self, arrays: Sequence[NDArray[Any]], mode: Mode = MODES[0]
    ) -> tuple[list[NDArray[Any]], Counts]:
        """What the arrays hold after a call with these, and what was executed.

        Raises `EmulationError` where a kernel does what no GPU would let pass, or is not emulated;
        `ToolChainError` without a C++ compiler.
        """
        total = np.zeros(5, np.int64)
        with tempfile.TemporaryDirectory(prefix="emulated-") as folder:
            files = {name: Path(folder) / name for name in self._names}
            for name, array in zip(self._names, arrays, strict=True):
                array.tofile(files[name])
            for name, size in self._lowered.between.items():
                files[name] = Path(folder) / f"between {name}"
                files[name].write_bytes(bytes([0xFF]) * size)
            for kernel in self._lowered.kernels:
                total += _launch(kernel, self._program, files, mode)
            results = [
                np.fromfile(files[name], array.dtype).reshape(array.shape)
                for name, array in zip(self._names, arrays, strict=True)
            ]
        return results, Counts(*map(int, total))

    @cached_property
    def _program(self) -> Path:
        kernels = self._lowered.kernels
        return _compiled(translate(self._lowered.source, [kernel.name for kernel in kernels]))


def _launch(
    kernel: Kernel, program: Path, files: Mapping[str, Path], mode: Mode
) -> NDArray[np.int64]:
    """Run the blocks of a grid, which no order connects, on all cores; what was executed."""
    cores = min(len(physical_cpus()), prod(kernel.grid))
    numbers = [*kernel.grid, *kernel.threads, kernel.shared, mode.eager, mode.reverse]
    arguments = [str(files[name]) for name in kernel.arguments]
    runs = [
        subprocess.Popen(
            [program, kernel.name, *(str(int(it)) for it in (*numbers, first, cores)), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for first in range(cores)
    ]
    ended = [(run.communicate(), run.returncode) for run in runs]
    for (_, why), code in ended:
        if code:
            why = why.strip() or f"it ended by signal {-code}"
            raise EmulationError(f"{kernel.name} is wrong: {why}")
    counts = np.array([said.split() for (said, _), _ in ended], np.int64)
    return np.asarray(counts.sum(axis=0))


def _compiled(source: str) -> Path:
    """The program of some C++; made once for each source in the life of this process."""
    compiler = which("g++") or which("c++")
    if compiler is None:
        raise ToolChainError("kernels are emulated by compiled C++: install g++ 12 or newer")
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    file = _folder() / f"{name}.cc"
    program = file.with_suffix("")
    if not program.exists():
        file.write_text(source, encoding="utf-8")
        command = [compiler, *_FLAGS, "-o", str(program), str(file)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            lines = [line for line in run.stderr.splitlines() if "error" in line]
            raise EmulationError(f"the kernel is no C++ that can be emulated: {lines[:1]}")
    return program


@cache
def _folder() -> Path:
    """Where programs are kept until this process ends."""
    folder = tempfile.mkdtemp(prefix="emulated-")
    # A command leaves at once, and not as Python does.
    for at_the_end in (atexit.register, _starting.cleanups.append):
        at_the_end(partial(rmtree, folder, ignore_errors=True))
    return Path(folder)
