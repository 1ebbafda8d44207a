"""Random inputs that mean something: indices in their table, masks of 0 and 1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import relax
from heron_ms.models.inputs import plain_inputs, random_inputs
from heron_ms.models.load import load
from heron_ms.models.model import Model, model_of
from tests.cli.model.nets import words


def test_indices_lie_in_the_table_and_masks_are_bits(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = load(words(tmp_path / "words.onnx"))
    drawn = [random_inputs(model, rng) for _ in range(20)]
    assert all(array.dtype == np.int64 for arrays in drawn for array in arrays)
    assert set(np.concatenate([indices.ravel() for indices, _ in drawn])) == set(range(5))
    assert set(np.concatenate([mask.ravel() for _, mask in drawn])) == {0, 1}


def test_without_the_program_an_index_is_in_any_table(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    model = load(words(tmp_path / "words.onnx"))
    assert all(not array.any() for array in plain_inputs(model.inputs, rng))


ROWS = 50
Index = Callable[[relax.BlockBuilder, Any], Any]


def gathering(index: Index) -> Model:
    """A model that takes rows of a table at what some operators make of its input."""
    builder, tensor = relax.BlockBuilder(), relax.TensorType
    at = relax.Var("at", tensor((64,), "int64"))
    with builder.function("main", [at]):
        with builder.dataflow():
            table = relax.const(np.zeros((ROWS, 8), "float32"))
            rows = builder.emit(relax.op.take(table, index(builder, at), axis=0))
            out = builder.emit_output(rows)
        builder.emit_func_output(out)
    return model_of(builder.get(), "gathering")


def number(value: int) -> Any:
    return relax.const(value, "int64")


def wrapped(builder: relax.BlockBuilder, at: Any) -> Any:
    """As exporters write an index that may count from the end."""
    negative = builder.emit(relax.op.less(at, number(0)))
    moved = builder.emit(relax.op.add(at, number(ROWS)))
    return builder.emit(relax.op.where(negative, moved, at))


def behind(builder: relax.BlockBuilder, at: Any) -> Any:
    return builder.emit(relax.op.add(at, number(3)))


def modulo(builder: relax.BlockBuilder, at: Any) -> Any:
    return builder.emit(relax.op.floor_mod(at, number(ROWS)))


@pytest.mark.parametrize(
    ("index", "least", "most"), [(wrapped, 40, 49), (behind, 20, 46), (modulo, 500, 999)]
)
def test_an_index_that_is_computed_is_as_large_as_it_may_be(
    index: Index, least: int, most: int, rng: np.random.Generator
) -> None:
    [drawn] = random_inputs(gathering(index), rng)
    assert drawn.min() >= 0 and least <= drawn.max() <= most


def test_many_residual_connections_take_no_longer_than_their_operators(
    rng: np.random.Generator,
) -> None:
    """Thirty of them are 2^30 ways from the index to the output."""
    builder, op = relax.BlockBuilder(), relax.op
    at, identity = (
        relax.Var("at", relax.TensorType((4,), "int64")),
        relax.const(np.eye(8, dtype="f")),
    )
    with builder.function("main", [at]):
        with builder.dataflow():
            rows = builder.emit(op.take(relax.const(np.ones((ROWS, 8), "float32")), at, axis=0))
            for _ in range(30):
                shares = builder.emit(op.nn.softmax(rows))
                rows = builder.emit(op.add(rows, builder.emit(op.matmul(shares, identity))))
            out = builder.emit_output(rows)
        builder.emit_func_output(out)
    (drawn,) = random_inputs(model_of(builder.get(), "residual"), rng)
    assert drawn.max() < ROWS
