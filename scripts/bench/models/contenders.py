"""Who runs a model: each a function of no arguments, and what it computes.

All are given the same inputs, and as many threads as the benchmark has cores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import tvm
from tvm import relax

import heron_ms
from heron_ms._tvm import IRModule, Target, ms, tvm_compile
from heron_ms.models.load import load
from heron_ms.models.model import Model
from scripts.bench.models.zoo import Feeds, Net, dtypes_of

Outputs: TypeAlias = list[Any]
REFERENCE = "ONNX Runtime"
OURS = "heron_ms"


@dataclass(frozen=True)
class Contender:
    """``call`` runs the model once; ``outputs`` is what it computes, in the model's order."""

    call: Callable[[], object]
    outputs: Callable[[], Outputs]


@dataclass(frozen=True)
class Case:
    """A model, its file, what is fed to it, and the target of those who compile it."""

    net: Net
    file: Path
    feeds: Feeds
    target: Target
    threads: int

    @classmethod
    def of(cls, net: Net, folder: Path, target: Target, threads: int) -> Case:
        """The file is written if it is not there."""
        from onnxruntime import InferenceSession

        file = net.file(folder)
        dtypes = dtypes_of(InferenceSession(str(file)))
        return cls(net, file, net.feeds(dtypes, 1), target, threads)

    def model(self) -> Model:
        """As heron_ms imports it."""
        return load(self.file, self.net.shapes)


def onnx_runtime(case: Case) -> Contender:
    """With all of its graph optimisations."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = case.threads
    options.inter_op_num_threads = 1
    session = InferenceSession(str(case.file), options, providers=["CPUExecutionProvider"])
    return _same(lambda: session.run(None, case.feeds))


def openvino(case: Case) -> Contender:
    """OpenVINO, for latency, in float32 where the model is: it would take bfloat16 by itself."""
    import openvino as ov

    core = ov.Core()
    model = core.read_model(str(case.file))
    model.reshape({name: list(array.shape) for name, array in case.feeds.items()})
    compiled = core.compile_model(
        model,
        "CPU",
        {
            "INFERENCE_NUM_THREADS": case.threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
        },
    )
    request = compiled.create_infer_request()
    count = len(compiled.outputs)

    def call() -> Outputs:
        request.infer(case.feeds)
        return [request.get_output_tensor(place).data for place in range(count)]

    return Contender(call, lambda: [np.array(output) for output in call()])


def eager(case: Case) -> Contender:
    """PyTorch, as it is written."""
    return _torch(case, lambda module: module)


def compiled(case: Case) -> Contender:
    """`torch.compile` with its search and with frozen weights."""
    import torch
    import torch._inductor.config as inductor

    inductor.freezing = True
    return _torch(case, lambda module: torch.compile(module, mode="max-autotune"))


def untuned(case: Case) -> Contender:
    """The model as Relax compiles it."""
    return as_it_is(case, case.model().mod)


def as_it_is(case: Case, mod: IRModule) -> Contender:
    """A module of the model, compiled by Relax: what has no schedule gets TVM's own."""
    return _relax(case, tvm_compile(mod, case.target))


def unmeasured(case: Case) -> Contender:
    """Ours without a trial."""
    return _relax(case, _compiled(case, ms.database.MemoryDatabase()))


def tuned(case: Case, database: Any) -> Contender:
    """Compiled with the best records of a database, weights packed as while it was tuned."""
    return _relax(case, _compiled(case, database))


def _compiled(case: Case, database: Any) -> Any:
    return heron_ms.compile_relax(database, case.model().mod, case.target, {})


PEERS: Mapping[str, Callable[[Case], Contender]] = {
    REFERENCE: onnx_runtime,
    "OpenVINO": openvino,
    "PyTorch": eager,
    "torch.compile": compiled,
    "untuned Relax": untuned,
    "heron_ms, 0 trials": unmeasured,
}
"""Those that need no search of ours."""


def _same(call: Callable[[], Outputs]) -> Contender:
    return Contender(call, call)


def _torch(case: Case, made: Callable[[Any], Any]) -> Contender:
    import torch

    module = case.net.module()
    if module is None:
        raise LookupError("no network of PyTorch's")
    torch.set_num_threads(case.threads)
    given = tuple(map(torch.from_numpy, case.feeds.values()))
    ready = made(module)

    def call() -> Any:
        with torch.inference_mode():
            return ready(*given)

    return Contender(call, lambda: [call().numpy()])


def _relax(case: Case, executable: Any) -> Contender:
    machine = relax.VirtualMachine(executable, tvm.cpu())
    inputs = [given.name for given in case.model().inputs]
    arrays = [tvm.runtime.tensor(case.feeds[name]) for name in inputs]
    function = machine["main"]

    def outputs() -> Outputs:
        result = function(*arrays)
        parts = [result] if hasattr(result, "numpy") else list(result)
        return [part.numpy() for part in parts]

    return Contender(lambda: function(*arrays), outputs)
