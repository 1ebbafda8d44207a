"""nvcc as the stand-in has it: what it calls machine code names programs of the emulator.

For each kernel it is a line, as the stand-in's driver reads it: the kernel's name, the number of
its pointers, its bytes of static shared memory, and the program that runs it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from heron_ms.measure.tensorcore.emulation import emulate
from heron_ms.measure.tensorcore.emulation.translate import translate

_KERNEL = re.compile(r"__global__ void .*?(\w+)\(([^)]*)\)(?: \{|;)")
_STATIC = re.compile(r"__shared__ alignas\(\d+\) (\w+) (\w+)\[(\d+)\];")
_BYTES = {"half": 2, "float": 4}
_APART = 64
"""Bytes that static arrays begin a multiple of."""
_SAID = """ptxas info : Compiling entry function '{}' for 'sm_80'
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info : Used 32 registers
"""


def placed(source: str) -> tuple[str, int]:
    """Static arrays as pointers into the shared memory that the emulator has, and their bytes."""
    taken = 0

    def pointer(found: re.Match[str]) -> str:
        nonlocal taken
        at, (kind, name, extent) = taken, found.groups()
        taken += -(-int(extent) * _BYTES[kind] // _APART) * _APART
        return f"{kind}* {name} = ({kind}*)(shared + {at});"

    return _STATIC.sub(pointer, source), taken


def compiled(source: str) -> str:
    """The lines of all kernels."""
    source, shared = placed(source)
    pointers = {name: len(given.split(",")) for name, given in _KERNEL.findall(source)}
    program = emulate._compiled(translate(source, pointers))
    return "".join(f"{name} {count} {shared} {program}\n" for name, count in pointers.items())


def main(folder: Path, words: list[str]) -> None:
    """Programs, which outlive this process, go to a folder."""
    if "--list-gpu-code" in words:
        print("sm_80")
        return
    emulate._folder = lambda: folder  # type: ignore[assignment]
    lines = compiled(Path(words[-1]).read_text())
    Path(words[words.index("-o") + 1]).write_bytes(lines.encode() + b"\0")
    for line in lines.splitlines():
        sys.stderr.write(_SAID.format(line.split()[0]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
