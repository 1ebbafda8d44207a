"""An interpreter that runs a TensorIR function loop by loop and counts every load and store.

It shares nothing with the front end of the model but TVM's own node types, and it decides nothing
in advance: conditions are evaluated where the program stands, branches not taken do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from heron_ms._tvm import BufferStore, For, SBlockRealize, TensorLoad, Var, constant, tirx

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "FloorDiv": lambda a, b: a // b,
    "FloorMod": lambda a, b: a % b,
    "Min": min,
    "Max": max,
    "LT": lambda a, b: a < b,
    "LE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GE": lambda a, b: a >= b,
    "EQ": lambda a, b: a == b,
    "NE": lambda a, b: a != b,
}


class Interpreter:
    """Runs a program and counts.

    ``counts[buffer, "load" | "store"]``; ``changes``, for each place in the text, is how often its
    address differs from the last one: what a single register would miss.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.changes: Counter[tuple[str, str]] = Counter()
        self.touched: dict[str, set[tuple[int, ...]]] = {}
        self._last: dict[int, tuple[int, ...]] = {}
        self._env: dict[Any, int] = {}

    def run(self, func: Any) -> Interpreter:
        self._statement(func.body)
        return self

    def _statement(self, node: Any) -> None:
        if isinstance(node, For):
            first = int(node.min)
            for step in range(first, first + int(node.extent)):
                self._env[node.loop_var] = step
                self._statement(node.body)
        elif isinstance(node, tirx.SeqStmt):
            for statement in node.seq:
                self._statement(statement)
        elif isinstance(node, SBlockRealize):
            self._block(node)
        elif isinstance(node, BufferStore):
            self._expression(node.value)
            self._touch(node, node.buffer, node.indices, "store")
        elif isinstance(node, tirx.IfThenElse):
            branch = node.then_case if self._expression(node.condition) else node.else_case
            if branch is not None:
                self._statement(branch)
        else:
            raise TypeError(type(node))

    def _block(self, node: Any) -> None:
        block = node.block
        for var, bound in zip(block.iter_vars, node.iter_values, strict=True):
            self._env[var.var] = self._expression(bound)
        if not self._expression(node.predicate):
            return
        reductions = [v for v in block.iter_vars if v.iter_type == tirx.IterVar.CommReduce]
        if block.init is not None and all(self._env[v.var] == int(v.dom.min) for v in reductions):
            self._statement(block.init)
        self._statement(block.body)

    def _touch(self, place: Any, buffer: Any, indices: Any, kind: str) -> None:
        address = tuple(self._expression(index) for index in indices)
        key = (str(buffer.name), kind)
        self.counts[key] += 1
        self.touched.setdefault(key[0], set()).add(address)
        if self._last.get(hash(place)) != address:
            self.changes[key] += 1
        self._last[hash(place)] = address

    def _expression(self, expr: Any) -> Any:
        if isinstance(expr, Var):
            return self._env[expr]
        number = constant(expr)
        if number is not None:
            return number
        if isinstance(expr, TensorLoad):
            self._touch(expr, expr.source, expr.indices, "load")
            return 1
        return self._operation(expr, type(expr).__name__)

    def _operation(self, expr: Any, kind: str) -> Any:
        if kind in OPERATORS:
            return OPERATORS[kind](self._expression(expr.a), self._expression(expr.b))
        if kind == "And":
            return self._expression(expr.a) and self._expression(expr.b)
        if kind == "Or":
            return self._expression(expr.a) or self._expression(expr.b)
        if kind == "Not":
            return not self._expression(expr.a)
        if kind == "Call" and str(expr.op.name).endswith(".if_then_else"):
            condition, then, other = expr.args
            return self._expression(then if self._expression(condition) else other)
        if kind == "Cast":
            return self._expression(expr.value)
        if kind == "FloatImm":
            return 1
        raise TypeError(f"{kind} {expr}")
