"""What commands print does not depend on how loaded the machine is that runs the tests."""

from __future__ import annotations

import pytest

from heron_ms.cli.terminal import patience


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 600.0)
