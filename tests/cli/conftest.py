"""What commands print does not depend on how loaded the machine is that runs the tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from heron_ms.cli.terminal import patience


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 600.0)


@pytest.fixture
def sigint() -> Iterator[None]:
    """As in a terminal; a job in the background of a script is started with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
