"""From what LLVM compiled to a file that a process loads: linked here where that can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def finding_linkers() -> Callable[[str], str | None]:
    """What finds what links for a platform, by its triple: "" is this machine's own compiler.

    A cross compiler is found by the names that GCC gives to one. None where there is none.
    """

    # A local function travels to workers by value: they need not import heron_ms.
    def find(triple: str) -> str | None:
        from platform import machine
        from shutil import which

        if triple.startswith(machine()):
            return ""
        architecture = triple.partition("-")[0]
        return which(f"{triple}-g++") or which(f"{architecture}-linux-gnu-g++")

    return find


def exporting() -> Callable[[Any, Any, Path], Path]:
    """What writes a compiled module for a target to a path, and returns it with its suffix.

    A library; or, for another platform of which this machine has no cross compiler, objects in an
    archive, which whoever loads it links.
    """
    find = finding_linkers()

    # As above.
    def export(compiled: Any, target: Any, path: Path) -> Path:
        from platform import machine

        from tvm.support import cc

        linker = find(str(target.attrs.get("mtriple", machine())))
        file = path.with_suffix(".tar" if linker is None else ".so")
        compiler = {"fcompile": cc.cross_compiler(linker)} if linker else {}
        compiled.export_library(str(file), **compiler)
        return file

    return export
