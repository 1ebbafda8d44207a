"""From lowered TensorIR to instructions: the walk over the outer loops.

Outer loops are walked one by one; the loops around a single statement, with nothing else inside of
them, are its nest and become instructions. How a nest moves through its operands is found out once
(`recognise`), so that an iteration costs a few additions for each instruction.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import BufferStore, For, SBlockRealize, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import COPIES
from heron_ms.measure.vta.affine import Loops
from heron_ms.measure.vta.dram import Dram
from heron_ms.measure.vta.recognise import statement_of
from heron_ms.measure.vta.statements import Site, Statement
from heron_ms.measure.vta.tiles import Tiles
from heron_ms.measure.vta.writer import Writer

_LEAVES = (BufferStore, tirx.Evaluate)


class Emitter:
    """Writes the instructions of statements, and decides how tensors lie in DRAM."""

    def __init__(self, writer: Writer, dram: Dram) -> None:
        self._site = Site(writer, Tiles(writer.machine), dram)
        self._known: dict[Any, Statement] = {}
        self._extents: dict[Any, int] = {}

    def walk(self, node: Any, at: dict[Any, int], copies: int = 1) -> None:
        """Everything below a node, for one value of each loop around it.

        copies: places in which the tiles of the next allocation take turns.
        """
        nest, predicates, leaf = _nest(node)
        if isinstance(leaf, _LEAVES):
            self._leaf(nest, predicates, leaf, at)
        elif isinstance(node, For):
            self._loop(node, at)
        elif isinstance(node, tirx.SeqStmt):
            for part in node.seq:
                self.walk(part, at)
        elif isinstance(node, SBlockRealize):
            for buffer in node.block.alloc_buffers:
                self._site.tiles.begin(buffer, copies)
            self.walk(node.block.body, at)
        else:
            raise FaultError(f"no instruction does {type(node).__name__}", "affine")

    def _loop(self, loop: For, at: dict[Any, int]) -> None:
        copies = int(loop.annotations.get(COPIES, 1))
        self._extents[loop.loop_var] = int(loop.extent)
        for value in range(int(loop.extent)):
            self.walk(loop.body, at | {loop.loop_var: value}, copies)

    def _leaf(
        self, nest: dict[Any, int], predicates: list[Any], leaf: Any, at: dict[Any, int]
    ) -> None:
        if leaf not in self._known:
            loops = Loops({variable: self._extents[variable] for variable in at}, nest)
            self._known[leaf] = statement_of(self._site, loops, leaf, predicates)
        self._known[leaf].emit(at)


def _nest(node: Any) -> tuple[dict[Any, int], list[Any], Any]:
    """The loops down from a node, under which predicates, and what is inside of them."""
    loops: dict[Any, int] = {}
    predicates: list[Any] = []
    while True:
        if isinstance(node, For):
            loops[node.loop_var] = int(node.extent)
            node = node.body
        elif isinstance(node, SBlockRealize) and not len(node.block.alloc_buffers):
            predicates.append(node.predicate)
            node = node.block.body
        else:
            return loops, predicates, node
