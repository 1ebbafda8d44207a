"""The package onnx, which an extra brings."""

from __future__ import annotations

from typing import Any

from heron_ms.models.extra import optional

_WHY, _EXTRA = "a model in ONNX", "heron-ms[onnx]"


def onnx(module: str = "onnx") -> Any:
    """The package, or a module of it. Raises MissingExtraError where it is not installed."""
    return optional(module, _WHY, _EXTRA)
