"""Matching a block to tensor intrinsics: candidates, or a typed reason where there is none."""

from heron_ms.tensorize.candidates import candidates, match_block
from heron_ms.tensorize.mapping import Mapping
from heron_ms.tensorize.padding import row_paddings, up
from heron_ms.tensorize.reasons import NoMatch, Reason

__all__ = ["Mapping", "NoMatch", "Reason", "candidates", "match_block", "row_paddings", "up"]
