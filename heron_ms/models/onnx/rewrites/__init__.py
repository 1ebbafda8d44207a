"""Operators written in others that TVM's importer takes, and gets right."""

from heron_ms.models.onnx.rewrites.table import replaced

__all__ = ["replaced"]
