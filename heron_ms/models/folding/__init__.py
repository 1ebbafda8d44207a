"""What a model multiplies a product by and adds to it, as part of its constant weight and bias."""

from heron_ms.models.folding.fold import fold_scales

__all__ = ["fold_scales"]
