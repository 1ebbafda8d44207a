"""Elements chosen by their place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heron_ms.models.onnx.writer import Writer


def _one_hot(write: Writer) -> bool:
    """Each index compared with all: the importer's result is float64 whatever the values are."""
    depth, shape = write.known(1), write.shape()
    if depth is None or shape is None:
        return False
    size, rank = int(depth.reshape(())), len(shape) + 1
    axis = write.attributes().get("axis", -1) % rank
    indices = write.cast(write.input(0), "int64")
    ahead = write.add("Add", indices, write.constant(np.int64(size)))
    negative = write.add("Less", indices, write.constant(np.int64(0)))
    indices = write.add("Where", negative, ahead, indices)
    indices = write.reshape(indices, [*shape[:axis], 1, *shape[axis:]])
    places = np.arange(size).reshape([-1, *[1] * (rank - 1 - axis)])
    chosen = write.add("Equal", indices, write.constant(places))
    off, on = (
        write.add("Gather", write.input(2), write.constant(np.int64(place)), axis=0)
        for place in (0, 1)
    )
    write.add("Where", chosen, on, off, out=write.out)
    return True


SELECTION: dict[str, Callable[[Writer], bool]] = {"OneHot": _one_hot}
