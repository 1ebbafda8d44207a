"""Models of bfloat16, of which ONNX Runtime has next to nothing on a CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest
import tvm
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from tvm import relax
from tvm.s_tir import meta_schedule as ms

import heron_ms
from heron_ms.hardware import host
from heron_ms.models.load import load
from heron_ms.models.reference import reference
from heron_ms.untuned import UnmeasuredWarning
from tests.models.onnx.models import model


def test_it_is_compared_with_itself_and_powers_are_computed(tmp_path: Path) -> None:
    """TVM's power takes float32 and float16 alone."""
    nodes = [
        helper.make_node("Cast", ["x"], ["narrow"], to=TensorProto.BFLOAT16),
        helper.make_node("Cast", ["e"], ["exponent"], to=TensorProto.BFLOAT16),
        helper.make_node("Pow", ["narrow", "exponent"], ["power"]),
        helper.make_node("Pow", ["power", "whole"], ["again"]),
        helper.make_node("Relu", ["again"], ["positive"]),
        helper.make_node("Cast", ["positive"], ["y"], to=TensorProto.FLOAT),
    ]
    constants = {"e": np.float32(2), "whole": np.int64(2)}
    made = model(nodes, {"x": ("float32", (4, 8))}, {"y": ("float32", 2)}, constants)
    path = tmp_path / "powers.onnx"
    onnx.save(made, path)
    x = np.linspace(-2, 2, 32, dtype="float32").reshape(4, 8)
    who, [found] = reference(load(path), path, [x])
    assert who == "the same model unscheduled"
    np.testing.assert_allclose(found, x**4, rtol=0.05)


@pytest.mark.parametrize("operator", ["Clip", "Gelu", "Hardmax", "Max", "Min", "PRelu", "Softplus"])
def test_operators_are_compiled(operator: str) -> None:
    """For a CPU, of which TVM has no code or none in vectors."""
    x = np.linspace(-3, 3, 128).reshape(4, 32).astype(ml_dtypes.bfloat16)
    given = {"x": x, **({"bound": x[0]} if operator in ("Max", "Min", "PRelu") else {})}
    if operator == "Clip":
        given["bound"] = np.array(-1, ml_dtypes.bfloat16)

    def made(kind: int) -> Any:
        inputs = [helper.make_tensor_value_info(name, kind, it.shape) for name, it in given.items()]
        outputs = [helper.make_tensor_value_info("y", kind, x.shape)]
        graph = helper.make_graph(
            [helper.make_node(operator, [*given], ["y"])], "g", inputs, outputs
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)

    mod = load(made(TensorProto.BFLOAT16)).fused
    with pytest.warns(UnmeasuredWarning):
        compiled = heron_ms.compile_relax(ms.database.MemoryDatabase(), mod, host().target(), {})
    machine = relax.VirtualMachine(compiled, tvm.cpu())
    ours = machine["main"](*map(tvm.runtime.tensor, given.values())).numpy()
    wide = {name: it.astype("float32") for name, it in given.items()}
    right: Any = ReferenceEvaluator(made(TensorProto.FLOAT)).run(None, wide)
    np.testing.assert_allclose(ours.astype("float32"), right[0], rtol=2**-7)
