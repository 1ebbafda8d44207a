"""Operators that make, move, choose and gather elements."""

from __future__ import annotations

from heron_ms._tvm import relax, tirx
from scripts.bench.operators.examples.elementwise import HERE
from scripts.bench.operators.examples.example import Example, called

ROWS = ((5,), "int64")
PLACES = ((3, 20), "int64")
BOX = ((2,), "int64")

MADE: dict[str, Example] = {
    "arange": Example(lambda op: op.arange(2, 20, 3, "float32"), ()),
    "eye": Example(lambda op: op.eye(6, 5), ()),
    "eye_like": called("eye_like", HERE),
    "full": Example(lambda op: op.full((4, 5), _seven(), "float32"), ()),
    "full_like": Example(lambda op, x: op.full_like(x, _seven()), (HERE,)),
    "hamming_window": Example(lambda op: op.hamming_window(10, True, 0.5, 0.5, "float32"), ()),
    "ones": Example(lambda op: op.ones((4, 5), "float32"), ()),
    "ones_like": called("ones_like", HERE),
    "zeros": Example(lambda op: op.zeros((4, 5), "float32"), ()),
    "zeros_like": called("zeros_like", HERE),
    "size": called("size", HERE),
    "shape_to_tensor": Example(lambda op, x: op.shape_to_tensor(op.shape_of(x)), (HERE,)),
}

MOVED: dict[str, Example] = {
    "broadcast_to": called("broadcast_to", (1, 20), shape=(12, 20)),
    "collapse_sum_like": called("collapse_sum_like", HERE, (1, 20)),
    "collapse_sum_to": called("collapse_sum_to", HERE, shape=(1, 20)),
    "concat": Example(lambda op, x, y: op.concat([x, y], 1), (HERE, HERE)),
    "expand_dims": called("expand_dims", HERE, axis=1),
    "flatten": called("flatten", HERE),
    "flip": called("flip", HERE, axis=1),
    "layout_transform": called("layout_transform", HERE, index_map=lambda i, j: (j // 4, i, j % 4)),
    "meshgrid": Example(lambda op, x, y: op.meshgrid([x, y]), ((6,), (7,))),
    "nn.batch_flatten": called("nn.batch_flatten", (3, 4, 5)),
    "nn.pad": called("nn.pad", HERE, pad_width=(1, 2, 0, 3)),
    "nn.pixel_shuffle": called("nn.pixel_shuffle", (1, 8, 5, 6), upscale_factor=2),
    "permute_dims": called("permute_dims", HERE),
    "repeat": called("repeat", HERE, repeats=3, axis=1),
    "reshape": called("reshape", HERE, shape=(8, 30)),
    "split": called("split", HERE, indices_or_sections=4, axis=1),
    "squeeze": called("squeeze", (12, 1, 20)),
    "stack": Example(lambda op, x, y: op.stack([x, y], 1), (HERE, HERE)),
    "strided_slice": called("strided_slice", HERE, axes=[1], begin=[2], end=[17], strides=[3]),
    "tile": called("tile", HERE, repeats=(2, 3)),
    "tril": called("tril", HERE),
    "triu": called("triu", HERE, k=1),
}

GATHERED: dict[str, Example] = {
    "dynamic_strided_slice": Example(
        lambda op, *arguments: op.dynamic_strided_slice(*arguments),
        (HERE, BOX, BOX, BOX),
        {1: [1, 2], 2: [9, 17], 3: [2, 3]},
    ),
    "gather_elements": called("gather_elements", HERE, PLACES),
    "gather_nd": called("gather_nd", HERE, ((7, 2), "int64")),
    "index_put": Example(lambda op, x, i, v: op.index_put(x, (i,), v), ((40,), ROWS, (5,))),
    "index_tensor": Example(lambda op, x, i: op.index_tensor(x, (i,)), (HERE, ROWS)),
    "one_hot": Example(
        lambda op, i: op.one_hot(i, _value(2.0), _value(-1.0), 9), (((6,), "int64"),)
    ),
    "reverse_sequence": called("reverse_sequence", HERE, ((12,), "int64")),
    "scatter_elements": called("scatter_elements", HERE, PLACES, (3, 20)),
    "scatter_nd": called("scatter_nd", HERE, ((4, 1), "int64"), (4, 20)),
    "slice_scatter": Example(
        lambda op, x, y: op.slice_scatter(x, y, 2, 14, 3, axis=1), (HERE, (12, 4))
    ),
    "take": called("take", HERE, ROWS, axis=0),
}

EXAMPLES = {**MADE, **MOVED, **GATHERED}


def _seven() -> object:
    return relax.const(7.0, "float32")


def _value(number: float) -> object:
    return tirx.FloatImm("float32", number)
