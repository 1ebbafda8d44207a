"""Rewrites of a program before it is tuned, which no schedule could do."""

from heron_ms.normalization.module import normalize
from heron_ms.normalization.partition import partition_padding

__all__ = ["normalize", "partition_padding"]
