"""Weights packed ahead: the program that is left, and the programs that pack its arguments.

A scheduled program may begin with blocks that bring an argument into the layout that the rest
reads. While tuning, MetaSchedule leaves them out and measures with arguments of the new shapes;
here the same is done for a program that is to be called, with a kernel to pack each such argument.
"""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import (
    IRModule,
    PrimFunc,
    RemoveWeightLayoutRewriteBlock,
    SBlock,
    SBlockRealize,
    collect,
    tirx,
)
from heron_ms.layout_free import LAYOUT_FREE, PREPROC


@dataclass(frozen=True)
class Ahead:
    """``program`` takes arguments in their new layouts.

    ``packing`` has, for the position of each argument that this concerns, a program of two
    arguments: the buffer as it comes, and the one that ``program`` takes.
    """

    program: IRModule
    packing: dict[int, PrimFunc]


def split_ahead(mod: IRModule) -> Ahead:
    """Take the blocks that pack arguments out of the function "main" of a scheduled module.

    Without such blocks ``program`` is the module as it is and ``packing`` is empty.
    """
    func = mod["main"]
    packing = {
        _position(func, block.reads[0].source): _packing(func, block)
        for block in collect(func.body, SBlock)
        if block.annotations.get(PREPROC)
    }
    if not packing:
        return Ahead(mod, {})
    return Ahead(RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(mod), packing)


def _position(func: PrimFunc, buffer: tirx.Buffer) -> int:
    return next(p for p, param in enumerate(func.params) if param.same_as(buffer))


def _packing(func: PrimFunc, block: SBlock) -> PrimFunc:
    """The loops around a block of the root, as a function of their own."""
    body = func.body.block.body
    nests = body.seq if isinstance(body, tirx.SeqStmt) else [body]
    nest = next(nest for nest in nests if any(block.same_as(b) for b in collect(nest, SBlock)))
    root = SBlockRealize([], True, SBlock([], [], [], "root", nest))
    buffers = [block.reads[0].source, block.writes[0].source]
    return PrimFunc(buffers, root, attrs=func.attrs).without_attr(LAYOUT_FREE)
