"""Products of halves, which the ONNX front end widens, are products of halves on a TensorCore."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tvm
from onnx import helper

import heron_ms
from heron_ms._tvm import Target, ms, relax
from heron_ms.hardware import host, machine
from heron_ms.models.comparing import compare, tolerance_of
from heron_ms.models.load import load
from heron_ms.models.model import Model
from heron_ms.models.reference import unscheduled
from heron_ms.models.tasks import Task, tasks_of
from heron_ms.untuned import UnmeasuredWarning
from tests.models.networks import Network, module, op
from tests.models.onnx.models import model

A100 = machine("a100")
Shape = tuple[int, ...]

# An operator, its attributes, and the shapes of its data and of its constants.
CASES: tuple[tuple[str, dict[str, Any], Shape, list[Shape]], ...] = (
    ("Conv", {"pads": [1] * 4}, (2, 8, 6, 6), [(16, 8, 3, 3), (16,)]),
    ("Conv", {"auto_pad": "SAME_UPPER"}, (1, 3, 7, 7), [(16, 3, 2, 2)]),
    ("Conv", {"group": 2}, (1, 16, 6, 6), [(16, 8, 3, 3)]),
    ("Conv", {"strides": [2]}, (1, 8, 19), [(8, 8, 3), (8,)]),
    ("Conv", {}, (1, 8, 3, 5, 5), [(8, 8, 3, 3, 3)]),
    ("ConvTranspose", {"strides": [2, 2]}, (1, 8, 6, 6), [(8, 16, 2, 2), (16,)]),
    ("ConvTranspose", {"strides": [2, 2], "pads": [1] * 4}, (1, 8, 6, 6), [(8, 16, 4, 4)]),
    ("Gemm", {"transB": 1, "beta": 0.5}, (12, 24), [(16, 24), (16,)]),
    ("Gemm", {"transA": 1}, (24, 12), [(24, 16)]),
)
NAMES = [f"{index}-{name}" for index, (name, *_) in enumerate(CASES)]


def _of_halves(operator: str, attributes: dict[str, Any], data: Shape, given: list[Shape]) -> Model:
    rng = np.random.default_rng(0)
    names = [f"c{place}" for place in range(len(given))]
    arrays = [(rng.standard_normal(shape) / 8).astype("float16") for shape in given]
    node = helper.make_node(operator, ["x", *names], ["y"], **attributes)
    rank = 2 if operator == "Gemm" else len(data)
    constants = dict(zip(names, arrays, strict=True))
    return load(model([node], {"x": ("float16", data)}, {"y": ("float16", rank)}, constants))


def _products(made: Model, name: str = "a100") -> list[Task]:
    found = tasks_of(made.on(machine(name)).fused, machine(name))
    return [task for task in found if "conv" in task.name or "matmul" in task.name]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_they_are_for_tensor_cores(case: Any) -> None:
    [product] = _products(_of_halves(*case))
    assert product.mapping is not None and product.mapping.intrinsic.a_dtype == "float16"


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_they_compute_what_they_did(case: Any) -> None:
    made = _of_halves(*case)
    x = np.random.default_rng(1).standard_normal(case[2]).astype("float16")
    target = Target({"kind": "llvm", "mcpu": host().mcpu, "num-cores": 1})
    with pytest.warns(UnmeasuredWarning):
        records = ms.database.MemoryDatabase()
        compiled = heron_ms.compile_relax(records, made.on(A100).fused, target, {})
    got = relax.VirtualMachine(compiled, tvm.cpu())["main"](tvm.runtime.tensor(x)).numpy()
    [difference] = compare(["y"], [got], unscheduled(made, [x]), tolerance_of(made))
    assert difference.allowed > 0 and difference.wrong == 0


@pytest.mark.parametrize("name", ["cascadelake", "graniterapids"])
def test_a_cpu_has_its_vectors(name: str) -> None:
    made = _of_halves(*CASES[0])
    [product] = _products(made, name)
    assert product.mapping is not None and product.mapping.intrinsic.a_dtype == "float32"
    assert made.on(machine(name)) is made


def test_a_model_is_for_the_machine_that_it_was_last_on() -> None:
    made = _of_halves(*CASES[0])
    [product] = _products(made.on(A100), "cascadelake")
    assert made.on(A100).on(A100).mod is not made.mod
    assert product.mapping is not None and product.mapping.intrinsic.a_dtype == "float32"


def test_what_no_instruction_multiplies_stays_wide() -> None:
    """Of one channel a group."""
    depthwise = _of_halves("Conv", {"group": 8}, (1, 8, 6, 6), [(8, 1, 3, 3)])
    assert [task.dtype for task in _products(depthwise)] == ["float32"]


@pytest.mark.parametrize("weight", [1 / 3, 70_000.0])
def test_a_weight_that_is_no_half_stays_wide(weight: float) -> None:
    def product(network: Network, x: Any) -> Any:
        half = network.emit(op.astype(x, "float16"))
        wide = network.emit(op.astype(half, "float32"))
        return network.emit(op.matmul(wide, relax.const(np.full((32, 16), weight, "float32"))))

    [task] = _products(load(module(product, 8, 32)))
    assert task.mapping is None
