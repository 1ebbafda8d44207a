"""From lowered TensorIR to instructions: the walk over the outer loops.

Outer loops are walked one by one; the loops around a single statement, with nothing else inside of
them, are its nest and become instructions. How a nest moves through its operands is found out once
(`recognise`), so that an iteration costs a few additions for each instruction.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

from heron_ms._tvm import BufferStore, For, SBlockRealize, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import COPIES, ORDER, RELOADS
from heron_ms.measure.vta.affine import Loops
from heron_ms.measure.vta.dram import Dram
from heron_ms.measure.vta.recognise import statement_of
from heron_ms.measure.vta.statements import Site, Statement
from heron_ms.measure.vta.tiles import Tiles
from heron_ms.measure.vta.writer import Writer

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_Nest = tuple[dict[Any, int], list[Any], Any]
_LEAVES = (BufferStore, tirx.Evaluate)


class Emitter:
    """Writes the instructions of statements, and decides how tensors lie in DRAM."""

    def __init__(self, writer: Writer, dram: Dram, rows: Mapping[Any, int]) -> None:
        self._site = Site(writer, Tiles(writer.machine), dram, rows)
        self._known: dict[Any, Statement] = {}
        self._nests: dict[Any, _Nest] = {}
        self._extents: dict[Any, int] = {}

    def walk(self, node: Any, at: dict[Any, int], notes: Mapping[str, Any] = _NOTHING) -> None:
        """Everything below a node, for one value of each loop around it.

        notes: annotations of the innermost of these, which say how its tiles take turns.
        """
        if node not in self._nests:
            self._nests[node] = _nest(node)
        if isinstance(self._nests[node][-1], _LEAVES):
            self._leaf(*self._nests[node], at)
        elif isinstance(node, For):
            self._loop(node, at)
        elif isinstance(node, tirx.SeqStmt):
            for part in node.seq:
                self.walk(part, at)
        elif isinstance(node, SBlockRealize):
            self._begin(node.block, notes)
            self.walk(node.block.body, at)
        else:
            raise FaultError(f"no instruction does {type(node).__name__}", "affine")

    def _begin(self, block: Any, notes: Mapping[str, Any]) -> None:
        copies, reloads = int(notes.get(COPIES, 1)), RELOADS in notes
        for buffer in block.alloc_buffers:
            self._site.tiles.begin(buffer, copies, reloads=reloads)

    def _loop(self, loop: For, at: dict[Any, int]) -> None:
        loops = [loop]
        if int(loop.annotations.get(ORDER, 0)):
            loops = _directly_nested(loop)
        inside = loops[-1]
        walked = {each.loop_var: int(each.extent) for each in (inside, *loops[:-1])}
        self._extents |= walked
        for values in product(*map(range, walked.values())):
            found = dict(zip(walked, values, strict=True))
            self.walk(inside.body, at | found, inside.annotations)

    def _leaf(
        self, nest: dict[Any, int], predicates: list[Any], leaf: Any, at: dict[Any, int]
    ) -> None:
        if leaf not in self._known:
            loops = Loops({variable: self._extents[variable] for variable in at}, nest)
            self._known[leaf] = statement_of(self._site, loops, leaf, predicates)
        self._known[leaf].emit(at)


def _directly_nested(loop: For) -> list[For]:
    """A loop and those in it, as long as there is nothing else."""
    loops = [loop]
    while isinstance(loops[-1].body, For):
        loops.append(loops[-1].body)
    return loops


def _nest(node: Any) -> _Nest:
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
