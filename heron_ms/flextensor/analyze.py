"""`analyze`: read the features that FlexTensor goes by from a TensorIR function (ASPLOS 2020).

FlexTensor reads them from tensor expressions. A block is what is left of such an expression, so a
node is a block below the root, and what lies inside of it belongs to it. On a scheduled function
the loops are those around the block as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import (
    For,
    IRModule,
    PrimFunc,
    SBlockRealize,
    Var,
    collect,
    constant,
    reduces,
    tirx,
)
from heron_ms.errors import DynamicShapeError, FlexTensorError
from heron_ms.flextensor.analysis import Analysis, Loop, Node


def analyze(mod: IRModule | PrimFunc) -> Analysis:
    """The statistical and structural features of a function of blocks, scheduled or not.

    Of a module, its one TensorIR function. Raises `FlexTensorError` for anything else, and for a
    function without blocks or with statements outside of them; `DynamicShapeError` for a loop
    whose trip count is not a constant.
    """
    places = tuple(_places(_scope(_function(mod)), ()))
    if not places:
        raise FlexTensorError("the function has no blocks: analyze it before it is lowered")
    nodes = (_node(place, places[at + 1 :]) for at, place in enumerate(places))
    return Analysis(tuple(nodes))


@dataclass(frozen=True)
class _Place:
    """A block where it stands: TVM's realisation and the loop nodes around it, outermost first."""

    realize: Any
    loops: tuple[Any, ...]

    @property
    def block(self) -> Any:
        return self.realize.block

    @property
    def reads(self) -> tuple[Any, ...]:
        """The buffers read, each once."""
        sources = dict.fromkeys(region.source for region in self.block.reads)
        own = self.writes if self.block.init is not None else ()
        return tuple(source for source in sources if source not in own)

    @property
    def writes(self) -> tuple[Any, ...]:
        """The buffers written, each once."""
        return tuple(dict.fromkeys(region.source for region in self.block.writes))


def _function(mod: Any) -> Any:
    if isinstance(mod, PrimFunc):
        return mod
    if not isinstance(mod, IRModule):
        raise FlexTensorError(f"cannot analyze a {type(mod).__name__}: give a module or a PrimFunc")
    functions = [(str(v.name_hint), f) for v, f in mod.functions_items() if isinstance(f, PrimFunc)]
    if len(functions) != 1:
        names = ", ".join(sorted(name for name, _ in functions)) or "none"
        raise FlexTensorError(f"the module needs one TensorIR function, it has {names}: give that")
    return functions[0][1]


def _scope(function: Any) -> Any:
    """What the root block holds; the body itself where there is no root."""
    body = function.body
    is_root = isinstance(body, SBlockRealize) and not body.block.iter_vars
    return body.block.body if is_root and collect(body.block.body, SBlockRealize) else body


def _places(statement: Any, loops: tuple[Any, ...]) -> Iterator[_Place]:
    if isinstance(statement, SBlockRealize):
        yield _Place(statement, loops)
    elif isinstance(statement, For):
        yield from _places(statement.body, (*loops, statement))
    else:
        for part in _parts(statement):
            yield from _places(part, loops)


def _parts(statement: Any) -> tuple[Any, ...]:
    if isinstance(statement, tirx.SeqStmt):
        return tuple(statement.seq)
    if isinstance(statement, tirx.IfThenElse):
        cases = (statement.then_case, statement.else_case)
        return tuple(case for case in cases if case is not None)
    kind = type(statement).__name__
    raise FlexTensorError(f"a {kind} outside of any block: analyze a function made of blocks")


def _node(place: _Place, later: Sequence[_Place]) -> Node:
    consumers = [other for other in later if any(b in other.reads for b in place.writes)]
    return Node(
        str(place.block.name_hint),
        tuple(_loop(place, loop) for loop in place.loops),
        tuple(str(buffer.name) for buffer in place.reads),
        tuple(str(buffer.name) for buffer in place.writes),
        tuple(str(consumer.block.name_hint) for consumer in consumers),
    )


def _loop(place: _Place, loop: Any) -> Loop:
    name, trips = str(loop.loop_var.name), constant(loop.extent)
    if trips is None:
        where = f"loop {name} of block {place.block.name_hint}"
        raise DynamicShapeError(f"{where} runs {loop.extent} times: bind the shape first")
    return Loop(name, trips, _reduces(place.realize, loop.loop_var))


def _reduces(realize: Any, loop_var: Any) -> bool:
    """Whether an iterator that is reduced over follows the loop."""
    pairs = zip(realize.block.iter_vars, realize.iter_values, strict=True)
    reduced = (value for iterator, value in pairs if reduces(iterator))
    return any(loop_var.same_as(var) for value in reduced for var in collect(value, Var))
