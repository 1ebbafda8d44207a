"""From an ONNX model to Relax."""

from heron_ms.models.onnx.frontend import from_onnx, from_onnx_file

__all__ = ["from_onnx", "from_onnx_file"]
