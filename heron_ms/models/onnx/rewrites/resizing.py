"""Resize and Upsample as a product with a matrix along each axis, or a choice of places.

The importer goes by sizes alone: where a scale times a size is no integer, where samples are
weighted in other ways than the simplest, or where axes are named, it computes something else. The
matrix of an axis is what ONNX's reference makes of unit vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from heron_ms.models.onnx.package import onnx
from heron_ms.models.onnx.writer import CannotBeHad, Writer

_RESIZE = 11
"""The first version of Resize; what it was before is Upsample."""

_REFERENCE = 19
"""A version of Resize that has all the attributes."""

_PLAIN = {b"half_pixel", b"asymmetric", b"align_corners", b"pytorch_half_pixel"}
_OF_ALL_AXES = {"axes", "keep_aspect_ratio_policy"}


@dataclass(frozen=True)
class _Axis:
    """``region``: the ends of what is resized, of tf_crop_and_resize; ``is_sized``: by its size."""

    old: int
    new: int
    scale: float
    is_sized: bool
    region: tuple[float, float] | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it stays as it is."""
        return self.old == self.new and self.scale == 1 and self.region in (None, (0, 1))


def _resize(write: Writer) -> bool:
    if write.version < _RESIZE:
        return _upsample(write)
    shape, attributes = write.shape(), write.attributes()
    if shape is None:
        raise CannotBeHad("the shape is known only at run time")
    axes = _axes(write, shape, attributes)
    if _is_plain(attributes, axes):
        return False
    return _resized(write, axes, attributes)


def _upsample(write: Writer) -> bool:
    """The forerunner of Resize: places rounded down, no shift by half an element."""
    shape, scales = write.shape(), write.attributes().get("scales")
    scales = write.array(write.input(1)) if write.input(1) else scales
    if scales is None or shape is None:
        raise CannotBeHad("its scales are known only at run time")
    axes = [_scaled(old, float(scale)) for old, scale in zip(shape, scales, strict=True)]
    mode = write.attributes().get("mode", b"nearest")
    attributes = {"nearest_mode": b"floor", "coordinate_transformation_mode": b"asymmetric"}
    return _resized(write, axes, {"mode": mode, **attributes})


def _axes(write: Writer, shape: tuple[int, ...], attributes: dict[str, Any]) -> list[_Axis]:
    """What becomes of every axis."""
    named = [axis % len(shape) for axis in attributes.get("axes", range(len(shape)))]
    axes = [_Axis(size, size, 1.0, False) for size in shape]
    scales, sizes = (write.known(at) for at in (2, 3))
    if scales is not None and scales.size:
        changed = [_scaled(shape[axis], float(s)) for axis, s in zip(named, scales, strict=True)]
    elif sizes is not None:
        changed = _sized([shape[axis] for axis in named], [int(size) for size in sizes], attributes)
    else:
        raise CannotBeHad("its sizes are known only at run time")
    regions = _regions(write, attributes, len(named))
    for axis, change, region in zip(named, changed, regions, strict=True):
        axes[axis] = replace(change, region=region)
    return axes


def _scaled(old: int, scale: float) -> _Axis:
    return _Axis(old, int(np.floor(old * scale)), scale, False)


def _sized(old: list[int], sizes: list[int], attributes: dict[str, Any]) -> list[_Axis]:
    ratios = [size / before for size, before in zip(sizes, old, strict=True)]
    policy = attributes.get("keep_aspect_ratio_policy", b"stretch")
    if policy == b"stretch":
        return [_Axis(*both, True) for both in zip(old, sizes, ratios, strict=True)]
    common = min(ratios) if policy == b"not_larger" else max(ratios)
    return [_Axis(size, int(np.floor(common * size + 0.5)), common, False) for size in old]


def _regions(
    write: Writer, attributes: dict[str, Any], count: int
) -> Sequence[tuple[float, float] | None]:
    if attributes.get("coordinate_transformation_mode") != b"tf_crop_and_resize":
        return [None] * count
    region = write.known(1)
    if region is None:
        raise CannotBeHad("its region is known only at run time")
    return [(float(region[place]), float(region[place + count])) for place in range(count)]


def _is_plain(attributes: dict[str, Any], axes: list[_Axis]) -> bool:
    """Whether the importer computes it right."""
    exact = all(abs(axis.old * axis.scale - axis.new) < 1e-4 for axis in axes)
    whole = all(axis.scale == int(axis.scale) for axis in axes)
    mode = attributes.get("mode", b"nearest")
    known = attributes.get("coordinate_transformation_mode", b"half_pixel") in _PLAIN
    others = any(attributes.get(name) for name in ("antialias", "exclude_outside", *_OF_ALL_AXES))
    images = len(axes) == 4 and all(axis.is_kept for axis in axes[:2])
    simple = mode == b"linear" or (mode == b"nearest" and whole)
    return exact and known and not others and images and simple


def _resized(write: Writer, axes: list[_Axis], attributes: dict[str, Any]) -> bool:
    value = write.input(0)
    for place, axis in enumerate(axes):
        if not axis.is_kept:
            value = _along(write, value, place, len(axes), _affine(axis, attributes))
    write.add("Identity", value, out=write.out)
    return True


def _affine(axis: _Axis, attributes: dict[str, Any]) -> tuple[Any, Any]:
    """The matrix (new, old) of an axis, and what is added: a value outside of the region."""
    given = {name: value for name, value in attributes.items() if name not in _OF_ALL_AXES}
    # A size that is nearly an integer is taken for it; one that is rounded up has no scale.
    is_sized = axis.is_sized or abs(axis.old * axis.scale - axis.new) < 1e-6
    if not is_sized and axis.new != int(np.floor(axis.old * axis.scale)):
        raise CannotBeHad("a size that is rounded up")
    names = ["x", "roi", "", "sizes"] if is_sized else ["x", "roi", "scales"]
    node = onnx("onnx.helper").make_node("Resize", names, ["y"], axes=[1], **given)
    evaluator = onnx("onnx.reference").ReferenceEvaluator(node, opsets={"": _REFERENCE})
    operands = {
        "roi": np.asarray(axis.region or (0, 1), "float32"),
        "scales": np.asarray([axis.scale], "float32"),
        "sizes": np.asarray([axis.new]),
    }
    units = np.concatenate([np.eye(axis.old), np.zeros((1, axis.old))]).astype("float32")
    operands = {name: value for name, value in operands.items() if name in names}
    (rows,) = evaluator.run(None, {"x": units, **operands})
    return (rows[:-1] - rows[-1]).T, rows[-1]


def _along(write: Writer, value: str, axis: int, rank: int, affine: tuple[Any, Any]) -> str:
    """A matrix times a value along an axis; a choice where each row has a single one."""
    (matrix, added), dtype = affine, write.dtype()
    if ((matrix == 0) | (matrix == 1)).all() and (matrix.sum(axis=1) == 1).all():
        return write.add("Gather", value, write.constant(matrix.argmax(axis=1)), axis=axis)
    swap = list(range(rank))
    swap[axis], swap[-1] = swap[-1], swap[axis]
    weights = write.constant(np.ascontiguousarray(matrix.T.astype(dtype)))
    moved = value if axis == rank - 1 else write.transpose(value, *swap)
    product = write.add("MatMul", moved, weights)
    if added.any():
        product = write.add("Add", product, write.constant(added.astype(dtype)))
    return product if axis == rank - 1 else write.transpose(product, *swap)


RESIZING: dict[str, Callable[[Writer], bool]] = {"Resize": _resize, "Upsample": _upsample}
