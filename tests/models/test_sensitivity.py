"""A quantised model tells how far apart two right programs of it may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from heron_ms.cli.model.verdict import Verdict, judged
from heron_ms.models.comparing import QUANTISED
from heron_ms.models.load import load
from heron_ms.models.model import Model
from heron_ms.models.reference import reference
from heron_ms.models.sensitivity import MOST, largest_share, sensitivity
from tests.models.integers.quantised import network, node, sample, statically

DEEP = 12
SHAPE = (512, 48)
"""Many values, because few of them lie within a bit of the middle of two steps."""


def _layers(depth: int, gain: float = 1.5) -> Any:
    """Layers without training, each of which takes what is given further apart."""
    rng = np.random.default_rng(depth)
    names = [f"w{layer}" for layer in range(depth)]
    deviation = gain / np.sqrt(SHAPE[1])
    weights = {name: rng.normal(0, deviation, (48, 48)).astype("float32") for name in names}
    results = ["x", *(f"r{layer}" for layer in range(1, depth)), "y"]
    nodes = []
    for name, given, result in zip(names, results, results[1:], strict=False):
        nodes += [node("MatMul", f"{given} {name}", f"p{name}"), node("Tanh", f"p{name}", result)]
    return network(nodes, weights, SHAPE)


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deep quantised network."""
    return _saved(statically(_layers(DEEP)), tmp_path_factory.mktemp("deep") / "deep.onnx")


def _saved(model: Any, path: Path) -> Path:
    onnx.save(model, str(path))
    return path


def _other(path: Path, seed: int, bits: int) -> Path:
    """The same network with each scale some bits off, up or down."""
    model = onnx.load(str(path))
    rng = np.random.default_rng(seed)
    for one in model.graph.initializer:
        if one.name.endswith("scale"):
            scale = numpy_helper.to_array(one)
            off = rng.choice([-1, 1], scale.shape) * bits * np.spacing(scale)
            one.CopyFrom(numpy_helper.from_array(np.asarray(scale + off, "float32"), one.name))
    return _saved(model, path.with_name(f"{seed}-{bits}.onnx"))


def _outputs(path: Path, arrays: Any) -> Any:
    return reference(_model(path), path, arrays)[1]


def _model(path: Path) -> Model:
    return load(path, {})


def _judged(path: Path, other: Path, tolerance: float | None = None) -> Verdict:
    return judged(_model(path), path, tolerance, 1, lambda arrays: _outputs(other, arrays))


@pytest.mark.parametrize("seed", range(1, 9))
def test_scales_that_are_some_bits_off_are_within_it(deep: Path, seed: int) -> None:
    arrays = [sample(SHAPE)]
    right = _outputs(deep, arrays)
    found = sensitivity(_model(deep), deep, arrays, right)
    assert QUANTISED < found <= MOST
    assert largest_share(_outputs(_other(deep, seed, 4), arrays), right) <= found


def test_what_could_hide_anything_is_not_allowed(tmp_path: Path) -> None:
    path, arrays = _saved(statically(_layers(16, 2.0)), tmp_path / "x.onnx"), [sample(SHAPE)]
    assert sensitivity(_model(path), path, arrays, _outputs(path, arrays)) == MOST


def test_a_deep_network_is_moved_further_than_a_layer(deep: Path) -> None:
    one, arrays = _saved(statically(_layers(1)), deep.with_name("one.onnx")), [sample(SHAPE)]
    layer, whole = (sensitivity(_model(it), it, arrays, _outputs(it, arrays)) for it in (one, deep))
    assert 0 < layer < whole / 2


def test_nothing_is_allowed_where_nothing_is_quantised(tmp_path: Path) -> None:
    path, arrays = _saved(_layers(3), tmp_path / "floats.onnx"), [sample(SHAPE)]
    assert sensitivity(_model(path), path, arrays, _outputs(path, arrays)) == 0.0


def test_a_verdict_allows_it_and_says_so(deep: Path) -> None:
    verdict = _judged(deep, _other(deep, 1, 4))
    assert verdict.passed and verdict.widened
    assert "(rounding alone moves them nearly as far)" in verdict.words


def test_a_wrong_program_still_fails(deep: Path) -> None:
    other = _saved(statically(_layers(DEEP + 1)), deep.with_name("wrong.onnx"))
    assert not _judged(deep, other).passed
    assert not _judged(deep, _other(deep, 1, 1 << 20)).passed


def test_a_tolerance_that_is_given_holds(deep: Path) -> None:
    verdict = _judged(deep, _other(deep, 1, 4), 1e-3)
    assert not verdict.passed and not verdict.widened


def test_a_share_is_of_the_largest_magnitude() -> None:
    right = [np.array([1.0, -4.0]), np.array([2.0])]
    assert largest_share([np.array([1.0, -4.0]), np.array([2.0])], right) == 0
    assert largest_share([np.array([1.4, -4.0]), np.array([2.0])], right) == pytest.approx(0.1)
    assert largest_share([np.array([np.nan, -4.0]), np.array([2.0])], right) == float("inf")
    assert largest_share([np.array([[1.0, -4.0]]), np.array([2.0])], right) == float("inf")
