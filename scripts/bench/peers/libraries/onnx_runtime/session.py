"""Sessions of ONNX Runtime with inputs and outputs bound once, so that a call only computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scripts.bench.peers.libraries.kernel import Array, Kernel, Loop
from scripts.bench.peers.libraries.onnx_runtime.model import Model

ERRORS_ONLY = 3


def bound(
    model: Model,
    threads: int,
    arranged: Callable[[Array], Array],
    expect: Callable[[Array], Array] = lambda exact: exact,
) -> Kernel:
    """A kernel that runs a model; ``arranged`` brings its result into the program's layout.

    Raises ImportError if onnxruntime or onnx is missing.
    """
    session = _session(model.once(), threads)
    result = _value(np.zeros(tuple(model.shape), model.dtype))
    binding = _binding(session, model, {})
    binding.bind_ortvalue_output("C", result)

    def run() -> None:
        session.run_with_iobinding(binding)

    def output() -> Array:
        run()
        return arranged(np.array(result.numpy()))

    return Kernel(
        run, output, str(model.dtype), expect, lambda: _looped(model, threads), model.operator
    )


def _looped(model: Model, threads: int) -> Loop:
    session = _session(model.looped(), threads)
    start = np.zeros(tuple(model.shape), model.dtype)
    result = _value(start.copy())

    def loop(count: int) -> None:
        binding = _binding(session, model, {"C0": start, "N": np.array(count, np.int64)})
        binding.bind_ortvalue_output("last", result)
        session.run_with_iobinding(binding)

    return loop


def _session(serialized: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(serialized, options, providers=["CPUExecutionProvider"])


def _binding(session: Any, model: Model, more: dict[str, Array]) -> Any:
    binding = session.io_binding()
    for name, array in {**model.data, **more}.items():
        binding.bind_ortvalue_input(name, _value(array))
    return binding


def _value(array: Array) -> Any:
    import onnxruntime

    # Not ascontiguousarray, which makes a vector of a scalar.
    return onnxruntime.OrtValue.ortvalue_from_numpy(np.asarray(array, order="C"))
