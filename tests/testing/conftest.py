"""The synthetic sets, made once for all tests."""

from __future__ import annotations

import pytest

from heron_ms.testing.replay_set import RecordedSet
from tests.testing.synthetic_set import synthetic


@pytest.fixture(scope="session")
def full() -> RecordedSet:
    """Every solution of a narrowed space, with planted seconds and a few planted failures."""
    return synthetic(full=True)


@pytest.fixture(scope="session")
def sample() -> RecordedSet:
    """A random sample of the whole space of the same program."""
    return synthetic(full=False)
