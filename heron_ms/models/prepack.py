"""Models whose constant weights are packed once: MetaSchedule's cpu_weight_prepack, our default.

Before: ``lv = call_tir(matmul, (x, w))`` where the tuned matmul begins by packing w. After:
``p = call_tir(matmul_weight_prepack, (w,)); lv = call_tir(matmul_prepacked, (x, p))``, the first of
which is evaluated while compiling if w is a constant, and becomes part of a function of its own,
``main_transform_params``, if w is a parameter.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import (
    IRModule,
    PrimFunc,
    SBlock,
    Schedule,
    collect,
    reduces,
    relax,
    with_functions,
)
from heron_ms.errors import PackingError
from heron_ms.layout_free import LAYOUT_FREE, layout_free, with_layout_free

PREPACKED = "_prepacked"
"""What TVM appends to the name of a function whose packing is taken out."""

_PLACEHOLDERS = "layout_free_placeholders"
"""Annotation of a block by which TE names operands; MetaSchedule does not read it."""


def with_free_constants(fused: IRModule, asked: bool | None) -> IRModule:
    """A fused model with the layout of every constant of its functions left to the tuner.

    Constants are those of the model, and the parameters of "main" behind the first ``num_input``
    where it has that attribute. These need another function to be called, so that a model with such
    parameters stays as it is unless ``asked``; any model does where that is false. Raises
    `PackingError` where it is true and there is no constant.
    """
    frees = not _has_constant_parameters(fused["main"]) if asked is None else asked
    freed = _freed(fused) if frees else fused
    if asked and not has_free_constants(freed):
        raise PackingError(
            "no weight of the model is constant, so none can be packed ahead: hand the weights "
            "over in params, or say by main's attribute num_input how many inputs precede them"
        )
    return freed


def has_free_constants(fused: IRModule) -> bool:
    """Whether the layout of some constant is left to the tuner."""
    functions = [func for _, func in fused.functions_items() if isinstance(func, PrimFunc)]
    return any((func.attrs or {}).get(LAYOUT_FREE) for func in functions)


def _has_constant_parameters(main: Any) -> bool:
    inputs = (main.attrs or {}).get("num_input")
    return inputs is not None and int(inputs) < len(main.params)


def _freed(fused: IRModule) -> IRModule:
    return with_functions(relax.transform.AttachAttrLayoutFreeBuffers()(fused), _settled)


def _settled(func: PrimFunc) -> PrimFunc:
    """A function without what would make another program of it, with other records.

    An empty list of arguments does, and buffers that the pass does not follow. Constants that no
    sum is made of keep their layout: MetaSchedule would tile a bias as the loops around it are, and
    vectors of it could not be told to be contiguous any more.
    """
    summed = _summed(func)
    func = with_layout_free(func, summed) if summed else func.without_attr(LAYOUT_FREE)
    marked = [block for block in collect(func.body, SBlock) if _PLACEHOLDERS in block.annotations]
    if not marked:
        return func
    sch = Schedule(IRModule({"main": func}))
    for block in marked:
        sch.unannotate(sch.get_sblock(block.name_hint), _PLACEHOLDERS)
    return sch.mod["main"]


def _summed(func: PrimFunc) -> list[int]:
    """The positions of the free constants that products or sums are made of.

    Perhaps by way of blocks that compute nothing else than constants.
    """
    made = {func.params[position]: {position} for position in layout_free(func)}
    summed: set[int] = set()
    for block in collect(func.body, SBlock):
        sources = [made.get(region.source) for region in block.reads]
        known = set().union(*(source for source in sources if source))
        if any(map(reduces, block.iter_vars)):
            summed |= known
        elif sources and None not in sources:
            made.update({region.source: known for region in block.writes})
    return sorted(summed)


def packed_ahead(mod: IRModule) -> IRModule:
    """What `with_free_constants` returned, scheduled, with what packs its constants taken out."""
    main = mod["main"]
    if main.attrs and not _has_constant_parameters(main):
        # Else a model without such parameters gets a function that packs none, as ONNX's are.
        mod = mod.clone()
        mod["main"] = main.without_attr("num_input")
    for step in (
        relax.transform.SplitLayoutRewritePreproc(),
        relax.transform.LiftTransformParams(),
        relax.transform.FoldConstant(),
    ):
        mod = step(mod)
    return mod
