"""The names that may stand in a database."""

from __future__ import annotations

import re


class Harm(ValueError):
    """What is not known to be harmless, in words."""


LOOSE_TYPES = frozenset({"None", "bool", "int", "float", "ffi.String", "ffi.Array", "ffi.Map"})
"""Nodes of a graph that are plain values."""

TYPES = frozenset(
    """
    ir.Call ir.DictAttrs ir.FloatImm ir.GlobalVar ir.IRModule ir.IntImm ir.Op ir.PointerType
    ir.PrimType ir.Range ir.SourceMap ir.StringImm ir.StringType ir.TensorLoad ir.TensorRegion
    ir.TupleType ir.Type ir.Var
    prim.Add prim.And prim.BitwiseAnd prim.BitwiseNot prim.BitwiseOr prim.BitwiseXor prim.Broadcast
    prim.Cast prim.Div prim.EQ prim.FloorDiv prim.FloorMod prim.GE prim.GT prim.LE prim.LShift
    prim.LT prim.Let prim.Max prim.Min prim.Mod prim.Mul prim.NE prim.Not prim.Or prim.RShift
    prim.Ramp prim.Select prim.Sub
    relax.FuncType relax.ShapeType relax.TensorType relax.expr.ShapeExpr
    s_tir.MatchBufferRegion s_tir.SBlock s_tir.SBlockRealize
    tirx.AllocBuffer tirx.AttrStmt tirx.Axis tirx.Bind tirx.BufferRegionType tirx.BufferStore
    tirx.BufferType tirx.Evaluate tirx.For tirx.IfThenElse tirx.IndexMap tirx.Iter tirx.IterVar
    tirx.PrimFunc tirx.SeqStmt tirx.TileLayout tirx.While
    """.split()
)
"""Nodes of a graph that are parts of programs."""

OPERATORS = frozenset(
    """
    prim.ceil prim.clz prim.if_then_else prim.likely prim.log2
    tirx.acos tirx.acosh tirx.asin tirx.asinh tirx.atan tirx.atan2 tirx.atanh tirx.buffer_data
    tirx.copysign tirx.cos tirx.cosh tirx.erf tirx.exp tirx.exp10 tirx.exp2 tirx.fabs tirx.floor
    tirx.fma tirx.fmod tirx.hypot tirx.isfinite tirx.isinf tirx.isnan tirx.ldexp tirx.log tirx.log10
    tirx.log1p tirx.nearbyint tirx.nextafter tirx.popcount tirx.pow tirx.q_multiply_shift
    tirx.q_multiply_shift_per_axis tirx.reinterpret tirx.round tirx.rsqrt tirx.sigmoid tirx.sin
    tirx.sinh tirx.sqrt tirx.tan tirx.tanh tirx.trunc tirx.tvm_call_packed
    tirx.tvm_stack_make_array tirx.tvm_stack_make_shape
    """.split()
)
"""Operators that compute of their arguments, and what a call of one of `PACKED` is made of."""

CALL_PACKED = "tirx.tvm_call_packed"

PACKED = frozenset(
    f"tvm.contrib.sort.{name}" for name in ("argsort", "argsort_nms", "sort", "topk")
)
"""Functions of TVM's that its own operators call."""

INSTRUCTIONS = frozenset(
    """
    AddUnitLoop Annotate Bind Blockize CacheIndex CacheInplace CacheRead CacheWrite ComputeAt
    ComputeInline DecomposePadding DecomposeReduction EnterPostproc Fuse FuseReductionEpilogue
    GetChildBlocks GetConsumers GetLoops GetOutputBlocks GetProducers GetSBlock LoopPartition Merge
    PadEinsum Parallel RFactor ReIndex ReadAt ReindexCacheRead ReindexCacheWrite Reorder
    ReorderBlockIterVar ReverseComputeAt ReverseComputeInline RollingBuffer SampleCategorical
    SampleComputeLocation SamplePartitionedTile SamplePerfectTile SetScope Split StorageAlign
    Tensorize TransformBlockLayout TransformLayout Unannotate UnsafeSetDType Unroll Vectorize
    WriteAt
    """.split()
)
"""Primitives of a schedule, none of which hides from TVM what a program reads."""

_ATTRIBUTES = frozenset(
    """
    axis buffer_dim_align const_matrix double_buffer_scope double_buffer_write explicit_read_region
    explicit_write_region global_symbol layout_free_buffers layout_free_placeholders num_input
    op_pattern permuted_layout pragma_auto_unroll_max_step pragma_loop_partition_hint pragma_scope
    pragma_unroll
    pragma_unroll_explicit s_tir schedule_rule script_parsing_detect_access
    software_pipeline_async_stages software_pipeline_order software_pipeline_stage
    tir_var_lower_bound tir_var_upper_bound tirx.is_scheduled tirx.noalias winograd_infer_shape
    workload
    """.split()
)
_HARMLESS_SPACES = ("meta_schedule.", "heron_ms.")
_SPACES_OF_TVM = re.compile(r"(tirx?|s_tir|relax|target|codegen|runtime|ffi|tvm|ir|pragma)\b.*")

PLAIN = re.compile(r"[\w.\-+ ]{0,256}")
"""A name of a block, a buffer, a CPU, a scope."""
DTYPE = re.compile(r"(|bool|handle|void|u?int\d{1,3}|b?float\d{1,3}(_\w{1,16})?)(x\d{1,4})?")


def is_known_attribute(name: str) -> bool:
    """Whether an annotation or attribute is harmless: known, or of a space that TVM does not read.

    One without a space has to be known: TVM may read it.
    """
    if name in _ATTRIBUTES or name.startswith(_HARMLESS_SPACES):
        return True
    return "." in name and bool(PLAIN.fullmatch(name)) and not _SPACES_OF_TVM.fullmatch(name)
