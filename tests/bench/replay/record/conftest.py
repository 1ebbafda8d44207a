"""A set as the recorder makes one, without measuring."""

from __future__ import annotations

from tests.testing.conftest import full

__all__ = ["full"]
