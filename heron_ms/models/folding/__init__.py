"""What a model multiplies a product by and adds to it, as part of its constant weight and bias."""

from heron_ms.models.folding.fold import fold_scales
from heron_ms.models.folding.reciprocals import multiply_by_reciprocals

__all__ = ["fold_scales", "multiply_by_reciprocals"]
