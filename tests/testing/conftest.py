"""Makes the helpers beside these tests importable by name, and the synthetic sets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from heron_ms.testing.replay_set import RecordedSet


@pytest.fixture(scope="session")
def full() -> RecordedSet:
    """Every solution of a narrowed space, with planted seconds and a few planted failures."""
    from synthetic_set import synthetic

    return synthetic(full=True)


@pytest.fixture(scope="session")
def sample() -> RecordedSet:
    """A random sample of the whole space of the same program."""
    from synthetic_set import synthetic

    return synthetic(full=False)
