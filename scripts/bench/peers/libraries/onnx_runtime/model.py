"""ONNX models of one operator, and of one operator in a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scripts.bench.peers.libraries.kernel import Array

# Not the newest of the format: a runtime older than the onnx package refuses what it writes.
OPSET, IR_VERSION = 13, 8


@dataclass(frozen=True)
class Model:
    """One operator: its inputs at run time, its constants, and the shape and dtype of its result.

    ``order`` names the operator's inputs in order; by itself it is data, then constants.
    """

    operator: str
    data: Mapping[str, Array]
    constants: Mapping[str, Array]
    shape: Sequence[int]
    dtype: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)
    order: Sequence[str] = ()
    domain: str = ""

    def once(self) -> bytes:
        """The operator by itself: C from the data."""
        from onnx import helper

        return self._serialized(
            helper.make_graph(
                [self._node()], "once", self._inputs(), [self._result("C")], self._initializers()
            )
        )

    def looped(self) -> bytes:
        """The operator N times in ONNX's `Loop`: C from the data, C0 (any C) and N (int64)."""
        from onnx import TensorProto, helper

        flag = {name: _value(name, TensorProto.BOOL, ()) for name in ("going", "still")}
        count = {name: _value(name, TensorProto.INT64, ()) for name in ("step", "N")}
        again = helper.make_node("Identity", ["going"], ["still"])
        body = helper.make_graph(
            [self._node(), again],
            "body",
            [count["step"], flag["going"], self._result("previous")],
            [flag["still"], self._result("C")],
            self._initializers(),
        )
        loop = helper.make_node("Loop", ["N", "", "C0"], ["last"], body=body)
        inputs = [*self._inputs(), self._result("C0"), count["N"]]
        return self._serialized(helper.make_graph([loop], "looped", inputs, [self._result("last")]))

    def _node(self) -> Any:
        from onnx import helper

        names = list(self.order) or [*self.data, *self.constants]
        return helper.make_node(
            self.operator, names, ["C"], domain=self.domain, **dict(self.attributes)
        )

    def _inputs(self) -> list[Any]:
        return [_value(name, _type(x.dtype), x.shape) for name, x in self.data.items()]

    def _initializers(self) -> list[Any]:
        from onnx import numpy_helper

        return [numpy_helper.from_array(np.array(x), name) for name, x in self.constants.items()]

    def _result(self, name: str) -> Any:
        return _value(name, _type(self.dtype), self.shape)

    def _serialized(self, graph: Any) -> bytes:
        from onnx import helper

        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        return bytes(model.SerializeToString())


def _type(dtype: Any) -> int:
    from onnx import helper

    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def _value(name: str, kind: int, shape: Sequence[int]) -> Any:
    from onnx import helper

    return helper.make_tensor_value_info(name, kind, list(shape))
