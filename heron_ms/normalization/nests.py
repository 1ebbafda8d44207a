"""A function as a row of blocks, each under one loop an iterator, as te makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import For, PrimFunc, SBlock, SBlockRealize, constant, tirx


@dataclass(frozen=True)
class Program:
    """The statements of a function's root block, in order."""

    func: PrimFunc
    statements: tuple[Any, ...]

    @property
    def root(self) -> Any:
        """The root block."""
        return self.func.body.block

    def rebuilt(self, statements: Sequence[Any], buffers: Sequence[Any]) -> PrimFunc:
        """The function with other statements, and the buffers that its root block allocates."""
        root = self.root
        body = SBlock(
            iter_vars=[],
            reads=root.reads,
            writes=root.writes,
            name_hint=root.name_hint,
            body=tirx.stmt_seq(*statements),
            alloc_buffers=list(buffers),
            match_buffers=root.match_buffers,
            annotations=root.annotations,
        )
        return self.func.with_body(SBlockRealize([], True, body))


def read_program(func: PrimFunc) -> Program | None:
    """Read a function; None where its body is not a root block without iterators."""
    root = func.body
    if not isinstance(root, SBlockRealize) or root.iter_values or root.block.init is not None:
        return None
    body = root.block.body
    return Program(func, tuple(body) if isinstance(body, tirx.SeqStmt) else (body,))


def block_of(statement: Any) -> Any | None:
    """The block of a statement; None where it has other loops than one for each iterator."""
    loops = []
    while isinstance(statement, For):
        loops.append(statement)
        statement = statement.body
    if not isinstance(statement, SBlockRealize) or constant(statement.predicate) != 1:
        return None
    block = statement.block
    if len(loops) != len(block.iter_vars) or block.alloc_buffers or block.match_buffers:
        return None
    triples = zip(loops, statement.iter_values, block.iter_vars, strict=True)
    return block if all(_runs(*triple) for triple in triples) else None


def nest(block: Any) -> Any:
    """A block under one serial loop for each of its iterators."""
    variables = [_loop_variable(iterator.var) for iterator in block.iter_vars]
    statement = SBlockRealize(variables, True, block)
    for variable, iterator in reversed(list(zip(variables, block.iter_vars, strict=True))):
        dom = iterator.dom
        statement = For(variable, dom.min, dom.extent, tirx.ForKind.SERIAL, statement)
    return statement


def _runs(loop: Any, value: Any, iterator: Any) -> bool:
    """Whether a plain loop is all that an iterator takes its values from."""
    plain = loop.kind == tirx.ForKind.SERIAL and not loop.annotations
    extent, wanted = constant(loop.extent), constant(iterator.dom.extent)
    starts = [constant(start) for start in (loop.min, iterator.dom.min)]
    same = extent is not None and extent == wanted and starts == [0, 0]
    return bool(plain and same and value.same_as(loop.loop_var))


def _loop_variable(variable: Any) -> Any:
    return tirx.Var(str(variable.name).removeprefix("v_"), variable.ty)
