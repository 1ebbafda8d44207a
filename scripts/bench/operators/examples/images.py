"""Images, boxes of detectors, and gradients."""

from __future__ import annotations

from scripts.bench.operators.examples.elementwise import HERE, const
from scripts.bench.operators.examples.example import Example, called
from scripts.bench.operators.examples.networks import C2, C3, LABELS

BOXES = (1, 10, 6)
"""Ten boxes: class, score and four coordinates."""
EVEN = (1, 8, 10, 12)
"""TVM's gradient of a pool reads out of bounds where the pools do not cover the data."""

IMAGES: dict[str, Example] = {
    "image.affine_grid": called("image.affine_grid", (2, 2, 3), size=(5, 6)),
    "image.grid_sample": called("image.grid_sample", C2, (1, 2, 5, 6)),
    "image.resize2d": called("image.resize2d", C2, size=(15, 7)),
    "image.resize3d": called("image.resize3d", C3, size=(6, 9, 5)),
}

DETECTORS: dict[str, Example] = {
    "vision.all_class_non_max_suppression": Example(
        lambda op, boxes, scores: op.vision.all_class_non_max_suppression(
            boxes, scores, const(3, "int64"), const(0.5, "float32"), const(0.1, "float32")
        ),
        ((1, 8, 4), (1, 2, 8)),
    ),
    "vision.get_valid_counts": called("vision.get_valid_counts", BOXES, score_threshold=0.1),
    "vision.multibox_transform_loc": called(
        "vision.multibox_transform_loc", (1, 3, 10), (1, 40), (1, 10, 4)
    ),
    "vision.non_max_suppression": Example(
        lambda op, *arguments: op.vision.non_max_suppression(*arguments),
        (BOXES, ((1,), "int32"), ((1, 10), "int32")),
        {1: [7]},
    ),
    "vision.roi_align": called(
        "vision.roi_align", C2, (3, 5), pooled_size=(2, 3), spatial_scale=1.0
    ),
    "vision.roi_pool": called("vision.roi_pool", C2, (3, 5), pooled_size=(2, 3), spatial_scale=1.0),
}

GRADIENTS: dict[str, Example] = {
    **{
        f"grad.{kind}_pool2d_backward": called(
            f"grad.{kind}_pool2d_backward", (1, 8, 5, 6), EVEN, pool_size=(2, 2), strides=(2, 2)
        )
        for kind in ("avg", "max")
    },
    "grad.nll_loss_backward": called("grad.nll_loss_backward", (), HERE, LABELS, (20,)),
    "grad.take_backward": called("grad.take_backward", (5, 20), HERE, ((5,), "int64"), axis=0),
}

EXAMPLES = {**IMAGES, **DETECTORS, **GRADIENTS}
