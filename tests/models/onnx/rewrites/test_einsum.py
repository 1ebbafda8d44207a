"""Einsums of halves are ONNX Runtime's, and those that are products are for TensorCores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from heron_ms.hardware import machine
from heron_ms.models.load import load
from heron_ms.models.tasks import tasks_of
from tests.models.onnx.compared import both
from tests.models.onnx.models import model

Shape = tuple[int, ...]

PRODUCTS: dict[str, tuple[Shape, Shape]] = {
    "bqhd,bkhd->bhqk": ((2, 9, 3, 16), (2, 11, 3, 16)),
    "bhqk,bkhd->bqhd": ((2, 3, 9, 11), (2, 11, 3, 16)),
    "ij,jk->ki": ((9, 16), (16, 24)),
    "aibj,jbk->iak": ((2, 9, 3, 16), (16, 3, 24)),
    "i j, k j -> i k": ((9, 16), (24, 16)),
}
OTHERS: dict[str, tuple[Shape, ...]] = {
    "ij,jk": ((9, 16), (16, 24)),
    "...ij,jk->...ik": ((2, 9, 16), (16, 24)),
    "ii,ij->ij": ((9, 9), (9, 16)),
    "ij,kj->i": ((9, 16), (24, 16)),
    "i,j->ij": ((9,), (16,)),
    "ij->ji": ((9, 16),),
    "ij,jk,kl->il": ((9, 16), (16, 8), (8, 5)),
}


def _model(equation: str, shapes: tuple[Shape, ...]) -> Any:
    given: dict[str, tuple[str, Any]] = {f"x{at}": ("float16", it) for at, it in enumerate(shapes)}
    node = helper.make_node("Einsum", list(given), ["y"], equation=equation)
    rank = len(equation.replace(" ", "").replace("...", "b").partition("->")[2]) or 2
    return model([node], given, {"y": ("float16", rank)})


@pytest.mark.parametrize("equation", [*PRODUCTS, *OTHERS])
def test_they_are_computed(equation: str) -> None:
    ((ours, right),) = both(_model(equation, {**PRODUCTS, **OTHERS}[equation]))
    assert ours.dtype == right.dtype
    np.testing.assert_allclose(ours, right, atol=5e-3 * float(np.abs(right).max()))


@pytest.mark.parametrize("equation", PRODUCTS)
def test_products_are_for_tensor_cores(equation: str) -> None:
    a100 = machine("a100")
    tasks = tasks_of(load(_model(equation, PRODUCTS[equation])).on(a100).fused, a100)
    assert sum(task.mapping is not None for task in tasks) == 1
