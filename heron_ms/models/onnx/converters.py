"""The operators that TVM's importer lacks, or makes something of that passes do not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heron_ms.models.onnx.bounds import clip
from heron_ms.models.onnx.integers import convolution, matmul

CONVERTERS: Mapping[str, Callable[[Any, Any, Any], Any]] = {
    "Clip": clip,
    "ConvInteger": convolution,
    "MatMulInteger": matmul,
}
"""By operator: what makes its expression of a block builder, the operands and the attributes."""
