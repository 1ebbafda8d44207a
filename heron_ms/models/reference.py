"""What a model's outputs should be: by ONNX Runtime, or by the model as it is, unscheduled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from heron_ms._tvm import Target, relax, tvm_compile
from heron_ms.errors import ModelFileError, last_line
from heron_ms.hardware import host
from heron_ms.models.extra import optional
from heron_ms.models.model import Model

Arrays = Sequence[NDArray[Any]]


def reference(model: Model, source: Path, arrays: Arrays) -> tuple[str, list[NDArray[Any]]]:
    """Who says so, and the outputs of a model that was read from a file.

    An ONNX file is run by ONNX Runtime on one core. Raises `ModelFileError` where that refuses it.
    """
    if source.suffix == ".onnx":
        return "ONNX Runtime", _by_onnx_runtime(model, source, arrays)
    return "the same model unscheduled", unscheduled(model, arrays)


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
    """Options of a session of ONNX Runtime, on one core, by which its products of bytes are right.

    On an x86-64 CPU without VNNI its kernels add two products of u8 and s8 in 16 bits, which
    saturate. Without its optimisations, quantised operators are computed in floats between
    DequantizeLinear and QuantizeLinear, as ONNX defines them.
    """
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    if saturates():
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


def saturates() -> bool:
    """Whether ONNX Runtime's own products of u8 and s8 do on this CPU."""
    here = host()
    return here.has("avx2") and not (here.has("avx512vnni") or here.has("avxvnni"))


def _by_onnx_runtime(model: Model, source: Path, arrays: Arrays) -> list[NDArray[Any]]:
    runtime = optional("onnxruntime", "comparing with ONNX Runtime", "heron-ms[onnx]")
    options = exact_options(runtime)
    feeds = {given.name: array for given, array in zip(model.inputs, arrays, strict=True)}
    try:
        session = runtime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
        return list(session.run(None, feeds))
    except Exception as error:  # it has a type for each status
        raise ModelFileError(f"ONNX Runtime does not run {source}: {last_line(error)}") from error
