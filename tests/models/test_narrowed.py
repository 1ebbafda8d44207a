"""Products by bfloat16: all of them where that is allowed, and within the error that is stated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tvm

import heron_ms
from heron_ms._tvm import GenericConst, Target, collect, ms, relax
from heron_ms.errors import UsageError
from heron_ms.hardware import cpu_named, host
from heron_ms.models.comparing import BFLOAT16, FLOATS, compare, tolerance_of
from heron_ms.models.load import load
from heron_ms.models.model import Model
from heron_ms.models.narrowed import allowed, allowing, multiplies_bfloat16
from heron_ms.models.tasks import tasks_of
from heron_ms.untuned import UnmeasuredWarning
from tests.models.networks import Network, bottleneck, module, op, random, run


def _two_layers(network: Network, x: Any) -> Any:
    hidden = network.relu(network.emit(op.matmul(x, network.constant(24, 32))))
    return network.emit(op.matmul(hidden, network.constant(32, 16)))


def _attention(network: Network, x: Any) -> Any:
    """Two products whose second factor is no constant, and a softmax between them."""
    scores = network.emit(op.matmul(x, network.emit(op.permute_dims(x, [0, 2, 1]))))
    return network.emit(op.matmul(network.emit(op.nn.softmax(scores)), x))


def _upwards(network: Network, x: Any) -> Any:
    weight = network.constant(8, 4, 2, 2)
    return network.emit(op.nn.conv2d_transpose(x, weight, strides=(2, 2)))


NETS = (
    (_two_layers, (4, 24), 2),
    (_attention, (2, 16, 32), 2),
    (bottleneck, (1, 32, 8, 8), 4),
    (_upwards, (1, 8, 6, 6), 1),
)
EVERY = pytest.mark.parametrize(("body", "shape", "products"), NETS)


def _model(body: Callable[[Network, Any], Any], shape: tuple[int, ...], *allow: str) -> Model:
    return load(module(body, *shape), allow=allow)


@EVERY
def test_every_product_is_of_bfloat16(body: Any, shape: tuple[int, ...], products: int) -> None:
    model = _model(body, shape, "bf16")
    mapped = [task for task in tasks_of(model.fused, cpu_named("sapphirerapids")) if task.mapping]
    assert sum(task.calls for task in mapped) == products
    for task in mapped:
        assert task.mapping is not None and task.mapping.intrinsic.a_dtype == "bfloat16"


@EVERY
def test_nothing_is_unless_it_is_allowed(body: Any, shape: tuple[int, ...], products: int) -> None:
    assert products and "bfloat16" not in _model(body, shape).fused.script()


@EVERY
def test_it_computes_the_same_within_the_error(
    body: Any, shape: tuple[int, ...], products: int
) -> None:
    model, x = _model(body, shape, "bf16"), random(shape)
    target = Target({"kind": "llvm", "mcpu": host().mcpu, "num-cores": 1})
    with pytest.warns(UnmeasuredWarning):
        database = ms.database.MemoryDatabase()
        compiled = heron_ms.compile_relax(database, model.fused, target, {})
    got = relax.VirtualMachine(compiled, tvm.cpu())["main"](tvm.runtime.tensor(x)).numpy()
    want = run(module(body, *shape), x)
    (narrow,) = compare(["y"], [got], [want], tolerance_of(model))
    assert narrow.wrong == 0
    (exact,) = compare(["y"], [got], [want], FLOATS)
    assert exact.wrong > 0  # or it was not computed by bfloat16


def test_weights_are_narrowed_while_compiling() -> None:
    """What is left to cast at run time is what the layers compute."""
    model = _model(_two_layers, (4, 24), "bf16")
    constants = collect(model.fused["main"], GenericConst)
    assert {str(constant.value.dtype) for constant in constants} == {"bfloat16"}


def test_what_is_allowed_is_said_of_the_model() -> None:
    model = _model(_two_layers, (4, 24), "bf16")
    assert allowed(model.mod) == ("bf16",)
    assert tolerance_of(model) == BFLOAT16
    assert allowed(_model(_two_layers, (4, 24)).mod) == ()
    with pytest.raises(UsageError, match="'fp8' cannot be allowed: choose from bf16"):
        allowing(model.mod, ["fp8"])


@pytest.mark.parametrize(
    ("name", "has"), [("sapphirerapids", True), ("znver4", True), ("cascadelake", False)]
)
def test_which_machines_it_helps(name: str, has: bool) -> None:
    assert multiplies_bfloat16(cpu_named(name)) is has


def test_a_product_is_off_by_at_most_two_roundings() -> None:
    """The figure that the help states."""
    rng = np.random.default_rng(0)
    a, b = (np.abs(rng.standard_normal(10_000)).astype(np.float32) for _ in range(2))
    narrow = [x.astype(ml_dtypes.bfloat16).astype(np.float64) for x in (a, b)]
    exact = a.astype(np.float64) * b
    error = np.abs(narrow[0] * narrow[1] - exact) / exact
    assert 2**-8 < error.max() <= 2**-7 + 2**-16
