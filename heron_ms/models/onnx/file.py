"""Reading an ONNX file: whole, of this format, and with the data that it keeps elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from heron_ms.errors import ModelFileError, last_line
from heron_ms.models.onnx.package import onnx


def read(path: Path) -> Any:
    """The ModelProto of a file, with external data in it. Raises ModelFileError."""
    onnx()
    if path.stat().st_size == 0:
        raise ModelFileError(f"{path} is empty")
    decode_error = onnx("google.protobuf.message").DecodeError
    try:
        model = onnx().load(str(path), load_external_data=False)
    except decode_error as error:
        raise ModelFileError(f"{path} is damaged or no ONNX file: {last_line(error)}") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read ({error.strerror})") from error
    _load_external_data(model, path)
    check(model, str(path))
    return model


def check(model: Any, source: str) -> None:
    """Raises ModelFileError for a model that onnx's checker does not take, or without outputs."""
    if not model.graph.output:
        raise ModelFileError(f"{source} has no outputs")
    checker = onnx("onnx.checker")
    if model.ByteSize() > checker.MAXIMUM_PROTOBUF:
        return
    try:
        with _shapes_for_outputs(model.graph):
            checker.check_model(model)
    except (checker.ValidationError, UnicodeDecodeError) as error:
        raise ModelFileError(f"{source} is no valid ONNX model: {error}") from error


@contextmanager
def _shapes_for_outputs(graph: Any) -> Iterator[None]:
    """Meanwhile, outputs without a type or shape have one: the checker wants it, we infer it."""
    tensors = [output.type.tensor_type for output in graph.output if _is_tensor(output.type)]
    open_types = [tensor for tensor in tensors if not tensor.elem_type]
    open_shapes = [tensor for tensor in tensors if not tensor.HasField("shape")]
    for tensor in open_types:
        tensor.elem_type = onnx().TensorProto.FLOAT
    for tensor in open_shapes:
        tensor.shape.SetInParent()
    try:
        yield
    finally:
        for tensor in open_types:
            tensor.ClearField("elem_type")
        for tensor in open_shapes:
            tensor.ClearField("shape")


def _is_tensor(kind: Any) -> bool:
    return kind.WhichOneof("value") in (None, "tensor_type")


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
