"""What the importer takes, gets wrong, and nothing else computes yet: refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from heron_ms.models.onnx.writer import CannotBeHad, Writer


def _roi_align(write: Writer) -> bool:
    if write.attributes().get("mode", b"avg") != b"avg":
        raise CannotBeHad("the mode max")
    return False


def _suppression(_: Writer) -> NoReturn:
    raise CannotBeHad("how many boxes are left is known only at run time")


def _places_of_maxima(write: Writer) -> bool:
    if write.outputs(1):
        raise CannotBeHad("the places of its maxima")
    return False


def _top(write: Writer) -> bool:
    dtype = write.dtype()
    if dtype is not None and dtype.name in {"uint64", "uint32", "uint16", "uint8"}:
        raise CannotBeHad(f"of {dtype}")
    return False


REFUSED: dict[str, Callable[[Writer], bool]] = {
    "RoiAlign": _roi_align,
    "NonMaxSuppression": _suppression,
    "MaxPool": _places_of_maxima,
    "TopK": _top,
}
