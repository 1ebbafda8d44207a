"""What a loaded model computes, beside what ONNX Runtime makes of the same file."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import tvm
from tvm import relax

from heron_ms.models.load import load
from heron_ms.models.model import Input


def both(model: Any, seed: int = 0) -> list[tuple[Any, Any]]:
    """Each output of ours and of ONNX Runtime, on random inputs; bytes over their whole range."""
    loaded, rng = load(model), np.random.default_rng(seed)
    given = {each.name: drawn(each, rng) for each in loaded.inputs}
    options = onnxruntime.SessionOptions()
    # What it fuses it may round otherwise; each operator by itself is what ONNX says.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    machine = relax.VirtualMachine(tvm.compile(loaded.mod, target="llvm"), tvm.cpu())
    result = machine["main"](*map(tvm.runtime.tensor, given.values()))
    parts = [result] if len(loaded.outputs) == 1 else list(result)
    theirs = session.run(list(loaded.outputs), given)
    return [(ours.numpy(), right) for ours, right in zip(parts, theirs, strict=True)]


def drawn(given: Input, rng: Any) -> Any:
    """A random array."""
    if given.dtype.startswith("float"):
        return rng.standard_normal(given.shape).astype(given.dtype)
    limits = np.iinfo(given.dtype)
    return rng.integers(limits.min, limits.max, given.shape, given.dtype, endpoint=True)
