"""What the facts about TVM are shown with."""

from __future__ import annotations

import pytest

from heron_ms._preload import preload_intrinsics


@pytest.fixture(scope="package", autouse=True)
def _quick() -> None:
    """Else the first `TuneContext` takes fifteen seconds."""
    preload_intrinsics()
