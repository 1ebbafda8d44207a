"""Padding said in numbers, where a node only says how the output shall be.

The importer rounds SAME_LOWER of a pooling down where ONNX rounds it up, and knows no output_shape
of a transposed convolution.
"""

from __future__ import annotations

from collections.abc import Callable

from heron_ms.models.onnx.writer import Writer

_SAME = (b"SAME_UPPER", b"SAME_LOWER")


def _split(total: int, mode: bytes) -> tuple[int, int]:
    """Padding before and behind an axis: SAME_UPPER has the odd one behind, the other before."""
    less, more = total // 2, total - total // 2
    return (less, more) if mode == b"SAME_UPPER" else (more, less)


def _in_order(pairs: list[tuple[int, int]]) -> list[int]:
    """As ONNX lists pads: those before all axes, then those behind."""
    return [pair[0] for pair in pairs] + [pair[1] for pair in pairs]


def _reaches(write: Writer, axes: int) -> list[int] | None:
    """How many elements a window spans along each axis, holes included."""
    attributes = write.attributes()
    shape = write.shape(1)
    kernel = attributes.get("kernel_shape") or (shape and shape[2:])
    if not kernel:
        return None
    dilations = attributes.get("dilations", [1] * axes)
    pairs = zip(kernel, dilations, strict=True)
    return [(size - 1) * dilation + 1 for size, dilation in pairs]


def _same(write: Writer) -> bool:
    """A convolution or pooling whose output is as large as its input, divided by the stride."""
    attributes, shape = write.attributes(), write.shape()
    mode = attributes.get("auto_pad", b"NOTSET")
    if mode not in _SAME or shape is None:
        return False
    axes = len(shape) - 2
    strides, reaches = attributes.get("strides", [1] * axes), _reaches(write, axes)
    if reaches is None:
        return False
    pairs = [
        _split(max((-(-size // stride) - 1) * stride + reach - size, 0), mode)
        for size, stride, reach in zip(shape[2:], strides, reaches, strict=True)
    ]
    kept = write.attributes("auto_pad", "pads")
    write.copy(pads=_in_order(pairs), **kept)
    return True


def _output_shape(write: Writer) -> bool:
    """A transposed convolution that says its output shape, from which ONNX computes the pads."""
    attributes, shape = write.attributes(), write.shape()
    wanted = attributes.get("output_shape")
    if wanted is None or shape is None:
        return False
    axes = len(shape) - 2
    strides, reaches = attributes.get("strides", [1] * axes), _reaches(write, axes)
    extra = attributes.get("output_padding", [0] * axes)
    if reaches is None:
        return False
    totals = [
        stride * (size - 1) + more + reach - out
        for size, stride, reach, more, out in zip(
            shape[2:], strides, reaches, extra, wanted[-axes:], strict=True
        )
    ]
    mode = attributes.get("auto_pad", b"NOTSET")
    pairs = [_split(max(total, 0), mode) for total in totals]
    # An output that is larger than all that the windows reach has more of them behind.
    extra = [more + max(-total, 0) for more, total in zip(extra, totals, strict=True)]
    kept = write.attributes("auto_pad", "pads", "output_shape", "output_padding")
    write.copy(pads=_in_order(pairs), output_padding=extra, **kept)
    return True


PADDING: dict[str, Callable[[Writer], bool]] = {
    **dict.fromkeys(("Conv", "MaxPool", "AveragePool", "LpPool"), _same),
    "ConvTranspose": _output_shape,
}
