"""A set as the recorder makes one, without measuring."""

from __future__ import annotations

import pytest

from heron_ms.testing.replay_set import RecordedSet
from tests.testing.synthetic_set import synthetic


@pytest.fixture(scope="session")
def full() -> RecordedSet:
    """Every solution of a narrowed space, with planted seconds and a few planted failures."""
    return synthetic(full=True)
