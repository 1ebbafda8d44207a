"""A model in ONNX: loaded, tuned, compiled, and compared with ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import tvm
from onnx import TensorProto, helper, numpy_helper
from tvm import relax

import heron_ms
from heron_ms.hardware import host
from heron_ms.models.load import load

rng = np.random.default_rng(0)
weight = numpy_helper.from_array(rng.standard_normal((16, 3, 3, 3)).astype("float32"), "w")
nodes = [
    helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["y"], ["z"]),
]
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 16, 16])
z = helper.make_tensor_value_info("z", TensorProto.FLOAT, None)
graph = helper.make_graph(nodes, "net", [x], [z], [weight])
opset = [helper.make_opsetid("", 17)]
file = Path("build", "net.onnx")
file.parent.mkdir(exist_ok=True)
onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), file)

model = load(file, {"x": (1, 3, 16, 16)})
target = host().target()
database = heron_ms.tune_relax(model.mod, {}, target, "build/onnx_model", 8)
machine = relax.VirtualMachine(heron_ms.compile_relax(database, model.mod, target, {}), tvm.cpu())

data = rng.standard_normal((1, 3, 16, 16)).astype("float32")
ours = machine["main"](tvm.runtime.tensor(data)).numpy()
[right] = onnxruntime.InferenceSession(file).run(None, {"x": data})
np.testing.assert_allclose(ours, right, rtol=1e-4, atol=1e-4)
print(f"{len(database.get_all_tuning_records())} programs measured, output {ours.shape} is right")
