"""The one file that touches names that TVM moves between releases (here: 0.27).

Everything else in heron_ms imports TVM's names from this module.
"""

from __future__ import annotations

from typing import Any

from tvm import IRModule, relax, te, tirx
from tvm import compile as tvm_compile
from tvm.ir.expr import TensorLoad, Var
from tvm.ir.prim.expr import Add, Cast, Mul
from tvm.ir.utils import derived_object
from tvm.s_tir import SBlock, SBlockRealize, Schedule, TensorIntrin
from tvm.s_tir import meta_schedule as ms
from tvm.s_tir.meta_schedule.arg_info import ArgInfo
from tvm.s_tir.meta_schedule.search_strategy import MeasureCandidate, PySearchStrategy
from tvm.s_tir.meta_schedule.space_generator import PySpaceGenerator
from tvm.s_tir.schedule import Instruction, LoopRV, SBlockRV, ScheduleError, Trace
from tvm.sym import Analyzer, detect_linear_equation
from tvm.target import Target
from tvm.tirx import BufferStore, For, PrimFunc
from tvm_ffi import (
    WalkResult,
    register_error,
    structural_equal,
    structural_hash,
    structural_walk,
)

from heron_ms import errors

__all__ = [
    "Add",
    "Analyzer",
    "ArgInfo",
    "BufferStore",
    "Cast",
    "For",
    "IRModule",
    "Instruction",
    "LoopRV",
    "MeasureCandidate",
    "Mul",
    "PrimFunc",
    "PySearchStrategy",
    "PySpaceGenerator",
    "SBlock",
    "SBlockRV",
    "SBlockRealize",
    "Schedule",
    "ScheduleError",
    "Target",
    "TensorIntrin",
    "TensorLoad",
    "Trace",
    "Var",
    "collect",
    "constant",
    "derived_object",
    "detect_linear_equation",
    "outermost",
    "relax",
    "ms",
    "structural_equal",
    "structural_hash",
    "te",
    "tirx",
    "tvm_compile",
]


def collect(root: Any, kind: type) -> list[Any]:
    """Every node of a type under ``root``, in pre-order."""
    found: list[Any] = []
    structural_walk(root, (kind, found.append), order="pre")
    return found


def outermost(root: Any, kind: type) -> list[Any]:
    """The nodes of a type under ``root`` that lie in no other of that type."""
    found: list[Any] = []

    def visit(node: Any) -> Any:
        found.append(node)
        return WalkResult.SKIP

    structural_walk(root, (kind, visit), order="pre")
    return found


def constant(expr: Any) -> int | None:
    """The value of an integer expression that is a constant."""
    return int(expr) if isinstance(expr, (int, tirx.IntImm)) else None


# An exception that passes through TVM's C++ keeps its type only if TVM knows the name; any other
# arrives as a RuntimeError.
for _error in vars(errors).values():
    if isinstance(_error, type) and issubclass(_error, errors.HeronError):
        register_error(_error.__name__, _error)
