"""Sketches for the A100 by what they choose, and what the emulation says of their programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from heron_ms._tvm import IRModule
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.errors import ToolChainError
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.toolchain import nvcc
from heron_ms.sketch import Sketch
from heron_ms.space_generators.choices import Choices
from heron_ms.space_generators.plan import plan_of

A100 = only(TensorCore, machine("a100"), "GPU")


def _why_no_nvcc() -> str:
    try:
        return "" if nvcc() else "no nvcc"
    except ToolChainError as error:
        return str(error)


needs_nvcc = pytest.mark.skipif(bool(_why_no_nvcc()), reason=_why_no_nvcc() or "it is here")


def sketches_of(workload: Any, wanted: Callable[[Choices], bool]) -> list[ConstrainedSketch]:
    """The sketches of a program with a wanted choice."""
    mod = IRModule({"main": workload.prim_func()})
    return [
        constrain(Sketch(mod, chosen.schedule.trace), A100)
        for chosen in plan_of(mod, A100).sketches
        if wanted(chosen.tensorized[0][1])
    ]
