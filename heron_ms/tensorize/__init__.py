"""Matching a block to a tensor intrinsic, with a typed reason where there is none."""

from heron_ms.tensorize.match import Match, NoMatch, match_block
from heron_ms.tensorize.padding import row_paddings, up

__all__ = ["Match", "NoMatch", "match_block", "row_paddings", "up"]
