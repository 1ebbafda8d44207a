"""What a model's outputs should be: by ONNX Runtime, or by the model as it is, unscheduled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from heron_ms._tvm import Target, relax, tvm_compile
from heron_ms.errors import ModelFileError, last_line
from heron_ms.hardware import host
from heron_ms.models.extra import optional
from heron_ms.models.model import Model

Arrays = Sequence[NDArray[Any]]

UNSATURATED = "session.x64quantprecision", "1"
"""An entry of ONNX Runtime's options by which 8-bit weights are unsigned where sums saturate."""
_OF_INTEGERS = {"MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv", "QGemm"}


def reference(model: Model, source: Path, arrays: Arrays) -> tuple[str, list[NDArray[Any]]]:
    """Who says so, and the outputs of a model that was read from a file.

    An ONNX file is run by ONNX Runtime on one core, unless its products of bytes would saturate
    there, as no options help, or it is of bfloat16, for which that has next to nothing on a CPU.
    Raises `ModelFileError` where that refuses it.
    """
    if runs_onnx(model, source):
        return "ONNX Runtime", by_onnx_runtime(model, source, arrays, {})
    return "the same model unscheduled", unscheduled(model, arrays)


def runs_onnx(model: Model, source: Path) -> bool:
    """Whether `reference` has ONNX Runtime run the file of this model."""
    if source.suffix != ".onnx" or "bfloat16" in model.dtypes:
        return False
    return not (host().saturates and _multiplies_integers(source))


def unscheduled(model: Model, arrays: Arrays) -> list[NDArray[Any]]:
    """The outputs of a model as TVM compiles it by default."""
    import tvm

    built = tvm_compile(model.mod, target=Target(host().target(1)))
    machine = relax.VirtualMachine(built, tvm.cpu())
    return flat(machine["main"](*[tvm.runtime.tensor(array) for array in arrays]))


def flat(returned: Any) -> list[NDArray[Any]]:
    """What "main" returned, a tensor or a tuple of them, as arrays."""
    tensors = [returned] if hasattr(returned, "numpy") else list(returned)
    return [tensor.numpy() for tensor in tensors]


def exact_options(runtime: Any) -> Any:
    """Options of a session of ONNX Runtime, on one core, by which quantised models are right.

    Where products of bytes saturate (`Cpu.saturates`), its own do. Without its optimisations an
    operator between DequantizeLinear and QuantizeLinear is computed in floats, as ONNX has it.
    """
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    if host().saturates:
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry(*UNSATURATED)
    return options


def _multiplies_integers(source: Path) -> bool:
    onnx = optional("onnx", "reading an ONNX file", "heron-ms[onnx]")
    graph = onnx.load(str(source), load_external_data=False).graph
    return any(node.op_type in _OF_INTEGERS for node in graph.node)


def by_onnx_runtime(
    model: Model, source: Path, arrays: Arrays, replaced: Mapping[str, NDArray[Any]]
) -> list[NDArray[Any]]:
    """The outputs of a file by ONNX Runtime, where some constants are ``replaced``, by their names.

    Raises `ModelFileError` where ONNX Runtime refuses it.
    """
    runtime = optional("onnxruntime", "comparing with ONNX Runtime", "heron-ms[onnx]")
    options = exact_options(runtime)
    # The options do not own them: they have to live as long as the session is made.
    owned = {name: runtime.OrtValue.ortvalue_from_numpy(it) for name, it in replaced.items()}
    for name, constant in owned.items():
        options.add_initializer(name, constant)
    feeds = {given.name: array for given, array in zip(model.inputs, arrays, strict=True)}
    try:
        session = runtime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
        return list(session.run(None, feeds))
    except Exception as error:  # it has a type for each status
        raise ModelFileError(f"ONNX Runtime does not run {source}: {last_line(error)}") from error
