"""A program for a GPU as one for this CPU: every thread after the other, in one loop nest.

With descriptions in place of instructions (`by_description`) its numbers can be compared with
numpy's. It has the tiles, the padding and what follows the product as the program has them; of
how copies and barriers follow each other in time it says nothing.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import For, IRModule, SBlock, block_with, structural_map, tirx, with_functions


def serial(mod: IRModule) -> IRModule:
    """A scheduled module whose loops are bound to nothing and whose blocks ask for nothing."""
    return with_functions(mod, lambda func: func.with_body(_serial(func.body)))


def _serial(body: Any) -> Any:
    return structural_map(structural_map(body, (For, _unbound)), (SBlock, _plain))


def _unbound(loop: For) -> For:
    kind = tirx.ForKind.SERIAL
    return For(loop.loop_var, loop.min, loop.extent, kind, loop.body, None, {})


def _plain(block: SBlock) -> SBlock:
    """A block without annotations, such as those of permuted rows."""
    return block_with(block, annotations={})
