"""The errors of models that are read from files."""

from __future__ import annotations

from heron_ms.errors import HeronError


class TransferError(HeronError, ValueError):
    """Databases without a measurement to learn from, or a file that is no transferred model."""
