"""The error of what FlexTensor's front end and space cannot take."""

from __future__ import annotations

from heron_ms.errors import HeronError


class FlexTensorError(HeronError, ValueError):
    """A program that is not made of blocks, an unknown node, or a split or move that is none."""
