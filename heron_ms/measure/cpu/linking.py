"""From what LLVM compiled to a file that a process loads: linked here where that can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def exporting() -> Callable[[Any, Any, Path], Path]:
    """What writes a compiled module for a target to a path, and returns it with its suffix.

    A library; or, for another platform of which this machine has no cross compiler (by the names
    that GCC gives to one), objects in an archive, which whoever loads it links.
    """

    # A local function travels to workers by value: they need not import heron_ms.
    def export(compiled: Any, target: Any, path: Path) -> Path:
        from platform import machine
        from shutil import which

        from tvm.support import cc

        triple = str(target.attrs.get("mtriple", machine()))
        if triple.startswith(machine()):
            library = path.with_suffix(".so")
            compiled.export_library(str(library))
            return library
        architecture = triple.partition("-")[0]
        linker = which(f"{triple}-g++") or which(f"{architecture}-linux-gnu-g++")
        file = path.with_suffix(".so" if linker else ".tar")
        compiler = {"fcompile": cc.cross_compiler(linker)} if linker else {}
        compiled.export_library(str(file), **compiler)
        return file

    return export
