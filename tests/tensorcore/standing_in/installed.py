"""The stand-in for NVIDIA's libraries and compiler, and the surroundings of a process with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import which

import pytest

from heron_ms.hardware import driver
from heron_ms.measure.tensorcore import runtime

HERE = Path(__file__).parent
Environment = Mapping[str, str]


def installed(folder: Path) -> Environment:
    """Where a process finds it that has a GPU; without a C++ compiler, whoever asks is skipped."""
    library = folder / driver.LIBRARY
    _compile(library, folder / "versions")
    (folder / runtime.NEEDED).symlink_to(library)
    env = {**os.environ, "LD_LIBRARY_PATH": str(folder), "NO_COLOR": "1"}
    programs = folder / "programs"
    programs.mkdir()
    return installed_nvcc(env, folder, f'exec {sys.executable} {HERE / "nvcc.py"} {programs} "$@"')


def installed_nvcc(env: Environment, folder: Path, does: str) -> Environment:
    """With an nvcc that does this where NVIDIA's wheels have theirs, and is found before it."""
    nvcc = folder / "nvidia" / "cu13" / "bin" / "nvcc"
    nvcc.parent.mkdir(parents=True)
    (folder / "nvidia" / "__init__.py").touch()
    nvcc.write_text(f"#!/bin/sh\n{does}\n")
    nvcc.chmod(0o755)
    paths = [str(folder), env.get("PYTHONPATH", "")]
    return {**env, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def driver_alone(env: Environment, folder: Path) -> Environment:
    """As of a computer that has the GPU and its driver, and no runtime of that driver's."""
    library = folder / driver.LIBRARY
    library.symlink_to(Path(env["LD_LIBRARY_PATH"]) / driver.LIBRARY)
    return {**env, "LD_LIBRARY_PATH": str(folder)}


def _compile(library: Path, versions: Path) -> None:
    compiler = which("g++")
    if compiler is None:
        pytest.skip("no g++")
    versions.write_text(f"{runtime.NEEDED} {{ global: *; }};")
    command = [compiler, "-O1", "-std=c++17", "-w", "-shared", "-fPIC", "-o", str(library)]
    command += [f"-Wl,--version-script,{versions}", str(HERE / "cuda.cc")]
    subprocess.run(command, check=True)
