"""Reading an ONNX file: whole, of this format, and with the data that it keeps elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heron_ms.errors import ModelFileError, last_line
from heron_ms.models.onnx.package import onnx


def read(path: Path) -> Any:
    """The ModelProto of a file, with external data in it. Raises ModelFileError."""
    onnx()
    decode_error = onnx("google.protobuf.message").DecodeError
    try:
        model = onnx().load(str(path), load_external_data=False)
    except (decode_error, OSError) as error:
        raise ModelFileError(f"{path} is damaged or no ONNX file: {last_line(error)}") from error
    _load_external_data(model, path)
    check(model, str(path))
    return model


def check(model: Any, source: str) -> None:
    """Raises ModelFileError for a model that onnx's checker does not take."""
    checker = onnx("onnx.checker")
    if model.ByteSize() > checker.MAXIMUM_PROTOBUF:
        return
    try:
        checker.check_model(model)
    except checker.ValidationError as error:
        raise ModelFileError(f"{source} is no valid ONNX model: {error}") from error


def _load_external_data(model: Any, path: Path) -> None:
    validation_error = onnx("onnx.checker").ValidationError
    try:
        onnx("onnx.external_data_helper").load_external_data_for_model(model, str(path.parent))
    except (OSError, ValueError, validation_error) as error:
        raise ModelFileError(
            f"{path} keeps its weights in other files, which cannot be read: "
            f"{last_line(error).rstrip('.')}; "
            "put them beside it under the names they were saved with"
        ) from error
