"""ONNX Runtime, on models that are written here."""
