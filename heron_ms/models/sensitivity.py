"""How far rounding alone moves what a quantised model computes.

A value that lies between two steps of a quantisation goes to one or the other by its last bit. What
differs by a step then meets the next quantisation, and in a deep model, of weights that nobody
trained above all, two programs that both are right may end as far apart as the noise of quantising.
How far that is, the model tells: its scales, all moved by a few of their last bits, make another
program that is as right.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.models.extra import optional
from heron_ms.models.model import Model
from heron_ms.models.reference import Arrays, by_onnx_runtime, runs_onnx

DRAWS = 3
SLACK = 1.5
"""Another draw may exceed the largest of these; in eight of BERT and of MobileNet it did by 0.2."""
ROUNDING = 2.0**-20
"""What some operations on float32 are off together, of their result."""
MOST = 0.25
"""More is never allowed: a comparison that allows it would find little."""
_QUANTISATIONS = {"QuantizeLinear", "DequantizeLinear"}


def sensitivity(model: Model, source: Path, arrays: Arrays, right: Arrays) -> float:
    """A share of the largest magnitude of an output by which a right program may be off.

    ``right``: the outputs of the file for ``arrays``, by ONNX Runtime. Its scales are moved by
    `ROUNDING` up or down, at random, `DRAWS` times; the furthest that an output moves is widened by
    `SLACK`, up to `MOST`. 0 where ONNX Runtime is not the reference, or no constant is the scale of
    a quantisation.
    """
    scales = _scales(source) if runs_onnx(model, source) else {}
    if not scales:
        return 0.0
    rng = np.random.default_rng(0)
    draws = [
        by_onnx_runtime(
            model, source, arrays, {name: _moved(it, rng) for name, it in scales.items()}
        )
        for _ in range(DRAWS)
    ]
    return min(MOST, SLACK * max(largest_share(moved, right) for moved in draws))


def largest_share(outputs: Arrays, right: Arrays) -> float:
    """The largest difference of an output to what is right, of the largest magnitude of it.

    Infinite where outputs differ in number, in shape or in which of their elements are finite.
    """
    if len(outputs) != len(right):
        return float("inf")
    return max(map(_share, outputs, right), default=0.0)


def _share(output: NDArray[Any], right: NDArray[Any]) -> float:
    finite = np.isfinite(right)
    if output.shape != right.shape or not np.array_equal(np.isfinite(output), finite):
        return float("inf")
    exact = right[finite].astype(np.float64)
    off = np.abs(output[finite] - exact).max(initial=0.0)
    return float(off / max(np.abs(exact).max(initial=0.0), np.finfo(np.float32).tiny))


def _scales(source: Path) -> Mapping[str, NDArray[np.float32]]:
    """The constant scales of a file's quantisations, by their names."""
    onnx = optional("onnx", "reading an ONNX file", "heron-ms[onnx]")
    graph = onnx.load(str(source)).graph
    names = {node.input[1] for node in graph.node if node.op_type in _QUANTISATIONS}
    return {
        one.name: onnx.numpy_helper.to_array(one)
        for one in graph.initializer
        if one.name in names and one.data_type == onnx.TensorProto.FLOAT
    }


def _moved(scale: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    return np.asarray(scale * (1 + rng.choice([-ROUNDING, ROUNDING], scale.shape)), np.float32)
