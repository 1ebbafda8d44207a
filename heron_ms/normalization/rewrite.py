"""A program while it is being rewritten: its statements, its buffers, and the names in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heron_ms._tvm import PrimFunc, SBlock, Var, collect
from heron_ms.normalization.cut import Part, part_of
from heron_ms.normalization.nests import Program, block_of, read_program


@dataclass
class Rewrite:
    """The statements of a program, a group for each that it began with, and its own buffers."""

    program: Program
    statements: list[list[Any]] = field(init=False)
    buffers: list[Any] = field(init=False)
    names: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.statements = [[statement] for statement in self.program.statements]
        self.buffers = list(self.program.root.alloc_buffers)
        self.names = {str(block.name_hint) for block in collect(self.program.func.body, SBlock)}

    def part(self, buffer: Any, kept: Mapping[int, range], number: int) -> Part:
        """A new buffer for some indices of one, among the program's own."""
        part = part_of(buffer, self.fresh(f"{buffer.name}_{number}"), kept)
        self.buffers.append(part.new)
        return part

    def fresh(self, name: str) -> str:
        """A name that no block has yet."""
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def result(self) -> PrimFunc:
        """The function of what there is now, without copies and buffers that nothing reads."""
        statements = [statement for group in self.statements for statement in group]
        dead = self._dead(statements)
        while dead:
            statements = [
                statement
                for statement in statements
                if not any(statement.same_as(unread) for unread in dead)
            ]
            dead = self._dead(statements)
        used = [var for statement in statements for var in collect(statement, Var)]
        buffers = [buffer for buffer in self.buffers if any(buffer.same_as(var) for var in used)]
        return self.program.rebuilt(statements, buffers)

    def _dead(self, statements: Sequence[Any]) -> list[Any]:
        """Blocks whose result is a buffer of the program's own that no other statement mentions."""
        return [statement for statement in statements if self._is_unread(statement, statements)]

    def _is_unread(self, statement: Any, statements: Sequence[Any]) -> bool:
        block = block_of(statement)
        if block is None or len(block.writes) != 1:
            return False
        buffer = block.writes[0].source
        local = any(allocated.same_as(buffer) for allocated in self.buffers)
        others = [other for other in statements if not other.same_as(statement)]
        return local and not any(
            buffer.same_as(var) for other in others for var in collect(other, Var)
        )


def rewritten(func: PrimFunc, step: Callable[[Rewrite, int], bool]) -> PrimFunc:
    """The function after a step at each of its statements; itself where none changes anything."""
    program = read_program(func)
    if program is None:
        return func
    rewrite = Rewrite(program)
    changed = [step(rewrite, place) for place in range(len(program.statements))]
    return rewrite.result() if any(changed) else func
