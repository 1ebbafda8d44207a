"""Many programs in one file: most of nvcc's time goes to what all of them include."""

from __future__ import annotations

import re
from collections.abc import Sequence

from heron_ms.errors import ToolChainError
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.generating import PROLOGUE_ENDS
from heron_ms.measure.tensorcore.toolchain import compile_as_is

_KERNEL = re.compile(r"\bmain_kernel(?=(?:_\d+)?\()")


def clean_together(sources: Sequence[str], machine: TensorCore) -> list[bool]:
    """Whether nvcc makes something of each program as it is, without a stack and without spills.

    False for all where it refuses the file, and for one whose kernels are not told of: a program by
    itself tells what is wrong with it.
    """
    heads = {source.partition(PROLOGUE_ENDS)[0] for source in sources}
    parts = (_renamed(number, source) for number, source in enumerate(sources))
    try:
        used = compile_as_is("".join([*heads, PROLOGUE_ENDS, *parts]), machine).used
    except ToolChainError:
        return [False] * len(sources)
    told = {name.partition("_")[0] for name in used}
    bad = {name.partition("_")[0] for name, took in used.items() if took.stack or took.spills}
    return [_space(number) in told - bad for number, _ in enumerate(sources)]


def _renamed(number: int, source: str) -> str:
    """A program without what all include, its functions and kernels named by its number."""
    body = _KERNEL.sub(f"{_space(number)}_main_kernel", source.partition(PROLOGUE_ENDS)[2])
    return f"\nnamespace {_space(number)} {{\n{body}\n}}\n"


def _space(number: int) -> str:
    return f"program{number}"
