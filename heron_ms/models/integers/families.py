"""Which operators have a reading, and which of them are computed in integers at once."""

from __future__ import annotations

from collections.abc import Mapping

from heron_ms.models.integers.activations import (
    read_clip,
    read_maximum,
    read_minimum,
    read_relu,
    read_relu6,
)
from heron_ms.models.integers.convolution import read_convolution
from heron_ms.models.integers.matmul import read_matmul
from heron_ms.models.integers.movement import (
    read_concat,
    read_movement,
    read_pad,
    read_part,
    read_reshape,
    read_resize,
    read_transpose,
)
from heron_ms.models.integers.pooling import read_average_pool, read_mean
from heron_ms.models.integers.quantisation import read_cast, read_dequantize, read_offset
from heron_ms.models.integers.reader import Reading
from heron_ms.models.integers.sums import read_add, read_multiply

PRODUCTS: Mapping[str, Reading] = {
    "nn.conv1d": read_convolution,
    "nn.conv2d": read_convolution,
    "nn.conv3d": read_convolution,
    "matmul": read_matmul,
}

_MOVEMENTS = (
    "broadcast_to",
    "flip",
    "gather_elements",
    "gather_nd",
    "max",
    "min",
    "nn.max_pool1d",
    "nn.max_pool2d",
    "nn.max_pool3d",
    "nn.pixel_shuffle",
    "repeat",
    "strided_slice",
    "take",
    "tile",
)

READINGS: Mapping[str, Reading] = {
    **dict.fromkeys(_MOVEMENTS, read_movement),
    **dict.fromkeys(("reshape", "squeeze", "expand_dims", "nn.batch_flatten"), read_reshape),
    **dict.fromkeys(("nn.avg_pool1d", "nn.avg_pool2d", "nn.avg_pool3d"), read_average_pool),
    "image.resize2d": read_resize,
    "image.resize3d": read_resize,
    "nn.pad": read_pad,
    "permute_dims": read_transpose,
    "split": read_part,
    "concat": read_concat,
    "mean": read_mean,
    "subtract": read_offset,
    "dequantize": read_dequantize,
    "astype": read_cast,
    "add": read_add,
    "multiply": read_multiply,
    "nn.relu": read_relu,
    "nn.relu6": read_relu6,
    "clip": read_clip,
    "maximum": read_maximum,
    "minimum": read_minimum,
}
