"""Who says what a quantised model computes: nobody whose own products saturate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from heron_ms.hardware import cpu_named
from heron_ms.models.load import load
from heron_ms.models.reference import reference
from tests.models.integers.quantised import dynamically, network, node, sample, weights


def test_a_right_model_is_found_right(tmp_path: Path) -> None:
    """With weights of all 8 bits, on whatever CPU this is."""
    products = network([node("MatMul", "x w", "y")], weights(w=(32, 48)), (10, 32))
    quantised, x = dynamically(products, reduce_range=False), sample((10, 32))
    path = tmp_path / "dynamic.onnx"
    onnx.save(quantised, path)
    (found,) = reference(load(path), path, [x])[1]
    outputs: Any = ReferenceEvaluator(quantised).run(None, {"x": x})
    wanted = outputs[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


def test_which_cpus_add_products_of_bytes_in_16_bits() -> None:
    saturating = [cpu_named(name).saturates for name in ("haswell", "skylake-avx512")]
    others = [cpu_named(name).saturates for name in ("cascadelake", "znver4", "neoverse-v1")]
    assert all(saturating) and not any(others)
