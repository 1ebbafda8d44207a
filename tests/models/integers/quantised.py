"""Small networks with random weights, quantised by ONNX Runtime, and the two ways to run them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization
from tvm.relax.frontend.onnx import from_onnx

from heron_ms._tvm import IRModule, PrimFunc, Target, relax
from heron_ms.hardware import host
from heron_ms.hardware.catalogue import cpu_named
from heron_ms.models.integers import integers
from heron_ms.models.passes import legalize_and_fuse
from heron_ms.models.reference import exact_options
from heron_ms.space_generators.plan import matches
from heron_ms.tensorize import Mapping

U8, S8 = quantization.QuantType.QUInt8, quantization.QuantType.QInt8
Arrays = dict[str, Any]


def weights(**shapes: tuple[int, ...]) -> Arrays:
    """Random float32 initialisers by name."""
    rng = np.random.default_rng(len(shapes))
    return {
        name: (0.3 * rng.standard_normal(shape)).astype("float32") for name, shape in shapes.items()
    }


def node(operator: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    """A node of named operands and results, each with a blank between."""
    return helper.make_node(operator, inputs.split(), outputs.split(), **attributes)


def network(nodes: list[Any], initialisers: Arrays, shape: tuple[int, ...]) -> Any:
    """A float network from "x" of a shape to "y"."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in initialisers.items()],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    return onnx.shape_inference.infer_shapes(model, strict_mode=True)


class _Calibration(quantization.CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, shape: tuple[int, ...]) -> None:
        self._batches = iter([{"x": sample(shape, seed)} for seed in range(3)])

    def get_next(self) -> Any:
        return next(self._batches, None)


def sample(shape: tuple[int, ...], seed: int = 9) -> Any:
    """Normal numbers, not around zero, so that zero points are in the midst of their range."""
    return (np.random.default_rng(seed).standard_normal(shape) + 0.4).astype("float32")


def statically(model: Any, **options: Any) -> Any:
    """A network with a QuantizeLinear and a DequantizeLinear around each operator."""
    shape = tuple(d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim)
    options = {"activation_type": U8, "weight_type": S8, **options}
    with TemporaryDirectory() as folder:
        path = str(Path(folder, "out.onnx"))
        quantization.quantize_static(model, path, _Calibration(shape), **options)
        return onnx.load(path)


def dynamically(model: Any, **options: Any) -> Any:
    """A network with products of integers whose scales are found at run time."""
    # Weights of 7 bits, where products with those of 8 would saturate in ONNX Runtime.
    options = {"reduce_range": host().saturates, **options}
    with TemporaryDirectory() as folder:
        path = str(Path(folder, "out.onnx"))
        quantization.quantize_dynamic(model, path, **options)
        return onnx.load(path)


def expected(model: Any, x: Any) -> Any:
    """What ONNX Runtime computes."""
    options, providers = exact_options(onnxruntime), ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers)
    return session.run(None, {"x": x})[0]


def computed(mod: IRModule, *arguments: Any) -> Any:
    """What a module computes, compiled without tuning."""
    import tvm

    executable = relax.build(mod, target=Target({"kind": "llvm"}))
    machine = relax.VirtualMachine(executable, tvm.cpu())
    return machine["main"](*map(tvm.runtime.tensor, arguments)).numpy()


class Comparison:
    """A quantised network in integers beside ONNX Runtime, on random data."""

    def __init__(self, model: Any) -> None:
        x = sample(tuple(d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim))
        self.mod = integers(from_onnx(model))
        self.got, self.want = computed(self.mod, x), expected(model, x)
        self._model = model

    @property
    def step(self) -> float:
        """The scale of the output."""
        (last,) = [node for node in self._model.graph.node if "y" in node.output]
        (scale,) = [i for i in self._model.graph.initializer if i.name == last.input[1]]
        return float(numpy_helper.to_array(scale).reshape(()))

    @property
    def steps(self) -> Any:
        """By how many steps of the output's scale each element differs."""
        return np.rint(np.abs(self.got - self.want) / self.step).astype(int)


@cache
def machine() -> Any:
    """A CPU with 8-bit dot products."""
    return cpu_named("cascadelake")


def tasks(mod: IRModule) -> dict[str, PrimFunc]:
    """The functions of a module as they are tuned, by name."""
    functions = legalize_and_fuse(mod).functions_items()
    return {name.name_hint: f for name, f in functions if isinstance(f, PrimFunc)}


def mapped(mod: IRModule) -> dict[str, str]:
    """The intrinsics of the tasks that map to one, by the name of the task."""
    found = {}
    for name, function in tasks(mod).items():
        for match in matches(IRModule({"main": function}), machine()):
            if isinstance(match, Mapping):
                found[name] = match.intrinsic.name
    return found


def floats_in(mod: IRModule, operator: str) -> list[str]:
    """The calls of an operator whose output is float32."""
    lines = str(mod).splitlines()
    return [line for line in lines if f"R.{operator}(" in line and '"float32") = ' in line]
