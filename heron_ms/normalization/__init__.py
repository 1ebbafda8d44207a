"""Rewrites of a program before it is tuned, which no schedule could do."""

from heron_ms.normalization.begun import begin_at_zero
from heron_ms.normalization.module import normalize
from heron_ms.normalization.offsets import multiply_out
from heron_ms.normalization.partition import partition_padding
from heron_ms.normalization.polyphase import polyphase
from heron_ms.normalization.staging import stage_predicated

__all__ = [
    "begin_at_zero",
    "multiply_out",
    "normalize",
    "partition_padding",
    "polyphase",
    "stage_predicated",
]
