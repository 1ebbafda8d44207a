"""Random inputs that mean something: indices in their table, masks of 0 and 1."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heron_ms.models.inputs import plain_inputs, random_inputs
from heron_ms.models.load import load
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
