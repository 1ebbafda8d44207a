"""The one file that touches names that TVM moves between releases (here: 0.27).

Everything else in heron_ms imports TVM's names from this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from tvm import IRModule, relax, te, tirx, topi
from tvm import compile as tvm_compile
from tvm.ir import Expr, Range, load_json, make_node, save_json
from tvm.ir.expr import Call, GenericConst, TensorLoad, TensorRegion, TupleGetItem, Var
from tvm.ir.prim.expr import (
    Add,
    And,
    Cast,
    Div,
    FloorDiv,
    FloorMod,
    LShift,
    Mod,
    Mul,
    RShift,
    Select,
    Sub,
)
from tvm.ir.transform import PassContext, module_pass
from tvm.ir.utils import derived_object
from tvm.relax.expr_functor import PyExprMutator, mutator
from tvm.s_tir import SBlock, SBlockRealize, Schedule, TensorIntrin
from tvm.s_tir import meta_schedule as ms
from tvm.s_tir import transform as s_tir_transform
from tvm.s_tir.analysis import estimate_tir_flops
from tvm.s_tir.meta_schedule.arg_info import ArgInfo
from tvm.s_tir.meta_schedule.search_strategy import MeasureCandidate, PySearchStrategy
from tvm.s_tir.meta_schedule.space_generator import PySpaceGenerator
from tvm.s_tir.schedule import Instruction, InstructionKind, LoopRV, SBlockRV, ScheduleError, Trace
from tvm.s_tir.transform import RemoveWeightLayoutRewriteBlock
from tvm.script import tirx as T
from tvm.script.ir_builder import IRBuilder
from tvm.script.ir_builder.tirx import prim_func
from tvm.sym import Analyzer, detect_linear_equation
from tvm.target import Target
from tvm.tirx import BufferStore, For, PrimFunc
from tvm_ffi import (
    Device,
    WalkResult,
    get_global_func,
    register_error,
    structural_equal,
    structural_hash,
    structural_map,
    structural_walk,
)

from heron_ms import errors

__all__ = [
    "HALVES",
    "Add",
    "Analyzer",
    "And",
    "ArgInfo",
    "BufferStore",
    "Call",
    "Cast",
    "Device",
    "Div",
    "Expr",
    "FloorDiv",
    "FloorMod",
    "For",
    "GenericConst",
    "IRBuilder",
    "IRModule",
    "Instruction",
    "InstructionKind",
    "LShift",
    "LoopRV",
    "MeasureCandidate",
    "Mod",
    "Mul",
    "PassContext",
    "PrimFunc",
    "PyExprMutator",
    "PySearchStrategy",
    "PySpaceGenerator",
    "RShift",
    "Range",
    "RemoveWeightLayoutRewriteBlock",
    "SBlock",
    "SBlockRV",
    "SBlockRealize",
    "Schedule",
    "ScheduleError",
    "Select",
    "Sub",
    "T",
    "Target",
    "TensorIntrin",
    "TensorLoad",
    "TensorRegion",
    "Trace",
    "TupleGetItem",
    "Var",
    "any_uses",
    "block_with",
    "call_with",
    "collect",
    "constant",
    "derived_object",
    "detect_linear_equation",
    "index_map",
    "itemsize",
    "load_json",
    "module_pass",
    "ms",
    "mutator",
    "operations",
    "operator_of",
    "outermost",
    "outermost_where",
    "prim_func",
    "relax",
    "s_tir_transform",
    "save_json",
    "structural_equal",
    "structural_hash",
    "structural_map",
    "substitute",
    "te",
    "tensors_of",
    "tirx",
    "topi",
    "trace_json",
    "tvm_compile",
    "uses",
    "with_functions",
]


def collect(root: Any, kind: type) -> list[Any]:
    """Every node of a type under ``root``, in pre-order."""
    nodes: list[Any] = []
    structural_walk(root, (kind, nodes.append), order="pre")
    return nodes


def outermost(root: Any, kind: type) -> list[Any]:
    """The nodes of a type under ``root`` that lie in no other of that type."""
    return outermost_where(root, kind, lambda _: True)


def outermost_where(root: Any, kind: type, wanted: Callable[[Any], bool]) -> list[Any]:
    """The nodes of a type under ``root`` that are wanted and lie in no other such node."""
    nodes: list[Any] = []

    def visit(node: Any) -> Any:
        if not wanted(node):
            return None
        nodes.append(node)
        return WalkResult.SKIP

    structural_walk(root, (kind, visit), order="pre")
    return nodes


def substitute(root: Any, values: dict[Any, Any]) -> Any:
    """``root`` with variables replaced."""
    return structural_map(root, (Var, lambda var: values.get(var, var)))


def tensors_of(func: Any) -> list[Any]:
    """The parameters of a TensorIR function that are tensors."""
    return [param for param in func.params if hasattr(param, "shape")]


def with_functions(mod: Any, change: Callable[[Any], Any]) -> Any:
    """A module with each of its TensorIR functions changed; itself where none is."""
    made = {
        name: change(func) for name, func in mod.functions_items() if isinstance(func, PrimFunc)
    }
    changed = {name: func for name, func in made.items() if not func.same_as(mod[name])}
    if not changed:
        return mod
    result = mod.clone()
    for name, func in changed.items():
        result.update_func(name, func)
    return result


def uses(expr: Any, var: Any) -> bool:
    """Whether a variable occurs in an expression."""
    return any(var.same_as(other) for other in collect(expr, Var))


def any_uses(expressions: Iterable[Any], var: Any) -> bool:
    """Whether a variable occurs in any of some expressions."""
    return any(uses(expr, var) for expr in expressions)


def index_map(order: Callable[..., Sequence[Any]], dimensions: int) -> Any:
    """A layout of so many dimensions as TVM takes it."""
    return tirx.IndexMap.from_func(order, ndim=dimensions, index_dtype="int32")


HALVES = ("float16", "bfloat16")
"""Floats of 16 bits, as TVM spells them."""


def itemsize(buffer: Any) -> int:
    """Bytes of one element of a buffer."""
    return int(np.dtype(str(buffer.dtype)).itemsize)


def reduces(iterator: Any) -> bool:
    """Whether an iterator of a block is one of a reduction."""
    return bool(iterator.iter_type == tirx.IterVar.CommReduce)


def constant(expr: Any) -> int | None:
    """The value of an integer expression that is a constant."""
    return int(expr) if isinstance(expr, (int, tirx.IntImm)) else None


def operator_of(expr: Any) -> str:
    """The name of the operator that an expression calls; "" for what calls none."""
    return str(getattr(getattr(expr, "op", None), "name", "")) if isinstance(expr, Call) else ""


def call_with(call: Any, args: Sequence[Any], **changes: Any) -> Any:
    """A call of the same operator with other arguments, and some other attributes."""
    attrs = call.attrs
    if changes:
        kind = type(attrs).__tvm_ffi_type_info__
        fields = {field.name: getattr(attrs, field.name) for field in kind.fields}
        attrs = make_node(kind.type_key, **{**fields, **changes})
    return Call(call.op, list(args), attrs)


def block_with(block: SBlock, **changes: Any) -> SBlock:
    """A block with some of its fields changed."""
    names = ("iter_vars", "reads", "writes", "name_hint", "body", "init", "alloc_buffers",
             "match_buffers", "annotations")  # fmt: skip
    return SBlock(**{**{name: getattr(block, name) for name in names}, **changes})


def operations(mod: IRModule) -> int:
    """Arithmetic operations of a call of a module's functions, as MetaSchedule counts them."""
    return int(estimate_tir_flops(mod))


def trace_json(trace: Trace) -> Any:
    """`Trace.as_json` as TVM's arrays, which takes a tenth of the time."""
    return _trace_json(trace, False)


_trace_json = get_global_func("s_tir.schedule.TraceAsJSON")

# An exception that passes through TVM's C++ keeps its type only if TVM knows the name; any other
# arrives as a RuntimeError, which many an `except Exception` would take for a failure.
register_error("KeyboardInterrupt", KeyboardInterrupt)
for _error in vars(errors).values():
    if isinstance(_error, type) and issubclass(_error, errors.HeronError):
        register_error(_error.__name__, _error)
