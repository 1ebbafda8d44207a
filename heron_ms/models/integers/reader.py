"""Expressions read as integers with a scale and a zero point, on demand.

The families of operators say how each reads (`READINGS`); what none of them knows has no view and
stays as the importer left it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heron_ms import _tvm
from heron_ms._tvm import relax
from heron_ms.models.integers.values import Arithmetic, Value, known
from heron_ms.models.integers.view import View


class Reader:
    """Reads the variables of one dataflow block, through what they are bound to."""

    def __init__(self, builder: Any, readings: Mapping[str, Reading]) -> None:
        self.arithmetic = Arithmetic(builder)
        self._builder = builder
        self._readings = readings
        self._views: dict[Any, View | None] = {}

    def learn(self, var: Any, view: View) -> None:
        """A variable that this pass made, and what it stands for."""
        self._views[var] = view

    def read(self, expr: Any) -> View | None:
        """The view of an expression, if it has one."""
        if isinstance(expr, relax.DataflowVar):
            if expr not in self._views:
                bound = self._builder.lookup_binding(expr)
                self._views[expr] = None if bound is None else self.read(bound)
            return self._views[expr]
        call = self.definition(expr)
        maker = self.definition(call.tuple_value) if isinstance(call, relax.TupleGetItem) else call
        reading = self._readings.get(operator_of(maker))
        return reading(self, call) if reading else None

    def definition(self, expr: Any) -> Any:
        """What an expression is, behind variables and members of tuples.

        Only variables of dataflow are looked through: others may be of an outer block, whose own
        variables are out of sight here.
        """
        while True:
            if isinstance(expr, relax.DataflowVar):
                bound = self._builder.lookup_binding(expr)
                if bound is None:
                    return expr
                expr = bound
            elif isinstance(expr, relax.TupleGetItem):
                members = self.definition(expr.tuple_value)
                if not isinstance(members, relax.Tuple):
                    return expr
                expr = members.fields[expr.index]
            else:
                return expr

    def value(self, expr: Any) -> Value:
        """The array of a constant, also one behind variables; any other expression as it is."""
        array = known(self.definition(expr))
        return expr if array is None else array


Reading = Callable[[Reader, Any], "View | None"]


def operator_of(expr: Any) -> str:
    """The name of the operator that is called without the leading "relax."; "" for others."""
    return _tvm.operator_of(expr).removeprefix("relax.")
