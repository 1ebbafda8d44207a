"""Elements moved and repeated."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from heron_ms.models.onnx.writer import CannotBeHad, Writer


def _space_to_depth(write: Writer) -> bool:
    """With the blocks innermost, which the importer does not look at."""
    shape, attributes = write.shape(), write.attributes()
    if attributes.get("mode", b"DCR") != b"CRD" or shape is None:
        return False
    (batch, channels, rows, columns), size = shape, attributes["blocksize"]
    blocks = write.reshape(
        write.input(0), [batch, channels, rows // size, size, columns // size, size]
    )
    moved = write.transpose(blocks, 0, 1, 3, 5, 2, 4)
    write.reshape(moved, [batch, channels * size**2, rows // size, columns // size], out=write.out)
    return True


def _expand(write: Writer) -> bool:
    """To the shape that both broadcast to: an axis of the operand may be longer than is asked."""
    wanted, shape = write.known(1), write.shape()
    if wanted is None or shape is None:
        raise CannotBeHad("the shape is known only at run time")
    full = np.broadcast_shapes(shape, tuple(int(size) for size in wanted))
    if full == tuple(wanted):
        return False
    sizes = write.constant(np.asarray(full, "int64"))
    write.add("Expand", write.input(0), sizes, out=write.out)
    return True


def _unsqueeze(write: Writer) -> bool:
    """By one axis, given as a scalar."""
    axes = write.known(1)
    if axes is None or axes.ndim:
        return False
    write.unsqueeze(write.input(0), int(axes), out=write.out)
    return True


def _pad(write: Writer) -> bool:
    """With a value that is known only at run time: chosen where the padding is."""
    shape, pads, dtype = write.shape(), write.known(1), write.dtype()
    unknown = write.input(2) and write.known(2) is None
    constant = write.attributes().get("mode", b"constant") == b"constant"
    if shape is None or pads is None or not unknown or not constant or dtype is None:
        return False
    rest = [write.input(1), "", *[name for name in [write.input(3)] if name]]
    padded = write.add("Pad", write.input(0), *rest)
    inside = write.constant(np.ones(shape, "float32"))
    filled = write.cast(write.add("Pad", inside, *rest), "bool")
    value = write.reshape(write.input(2), [1] * len(shape))
    write.add("Where", filled, padded, value, out=write.out)
    return True


def _reverse(write: Writer) -> bool:
    """The first elements of each sequence in reverse, by the places they come from."""
    lengths, shape, attributes = write.known(1), write.shape(), write.attributes()
    if lengths is None or shape is None:
        raise CannotBeHad("the lengths are known only at run time")
    batch, time = attributes.get("batch_axis", 1), attributes.get("time_axis", 0)
    steps, ends = np.arange(shape[time]), lengths[:, None]
    places = np.where(steps < ends, ends - 1 - steps, steps)
    places = places if batch < time else places.T
    sizes = [size if axis in (batch, time) else 1 for axis, size in enumerate(shape)]
    indices = np.ascontiguousarray(np.broadcast_to(places.reshape(sizes), shape))
    write.add("GatherElements", write.input(0), write.constant(indices), out=write.out, axis=time)
    return True


def _columns_to_image(write: Writer) -> bool:
    """Windows added up where they overlap: a transposed convolution with filters of one tap."""
    shape, image, block = write.shape(), write.known(1), write.known(2)
    if shape is None or image is None or block is None:
        raise CannotBeHad("the shapes are known only at run time")
    axes, attributes = len(block), write.attributes()
    strides, dilations = (
        attributes.get("strides", [1] * axes),
        attributes.get("dilations", [1] * axes),
    )
    pads = attributes.get("pads", [0] * 2 * axes)
    windows = [
        (int(size) + pads[axis] + pads[axis + axes] - dilations[axis] * (int(kernel) - 1) - 1)
        // strides[axis]
        + 1
        for axis, (size, kernel) in enumerate(zip(image, block, strict=True))
    ]
    taps, dtype = prod(map(int, block)), write.dtype()
    channels = shape[1] // taps
    columns = write.reshape(write.input(0), [shape[0] * channels, taps, *windows])
    filters = np.eye(taps, dtype=dtype).reshape([taps, 1, *map(int, block)])
    more = [
        int(size)
        + pads[axis]
        + pads[axis + axes]
        - (windows[axis] - 1) * strides[axis]
        - (int(kernel) - 1) * dilations[axis]
        - 1
        for axis, (size, kernel) in enumerate(zip(image, block, strict=True))
    ]
    summed = write.add(
        "ConvTranspose",
        columns,
        write.constant(filters),
        strides=strides,
        dilations=dilations,
        pads=pads,
        output_padding=more,
    )
    write.reshape(summed, [shape[0], channels, *map(int, image)], out=write.out)
    return True


LAYOUT: dict[str, Callable[[Writer], bool]] = {
    "SpaceToDepth": _space_to_depth,
    "Expand": _expand,
    "Unsqueeze": _unsqueeze,
    "Pad": _pad,
    "ReverseSequence": _reverse,
    "Col2Im": _columns_to_image,
}
