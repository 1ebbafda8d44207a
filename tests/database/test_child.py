"""Attempts in child processes: each has a verdict, whatever becomes of the child."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from heron_ms.database import child
from heron_ms.database.child import CRASHED, SHARE, verdicts


def test_a_verdict_for_each() -> None:
    def attempt(number: int) -> None:
        if number % 5 == 1:
            raise ValueError(f"first line\n{number} is no good")
        if number % 5 == 2:
            os.kill(os.getpid(), signal.SIGSEGV)

    expected = {1: "{} is no good", 2: CRASHED}
    reasons = verdicts(3 * SHARE, attempt)
    assert reasons == [
        expected[n % 5].format(n) if n % 5 in expected else None for n in range(3 * SHARE)
    ]
    assert verdicts(0, attempt) == []


def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PATIENCE", 0.2)
    assert verdicts(3, lambda n: time.sleep(60 * (n == 1))) == [None, CRASHED, None]


def test_nothing_is_left_of_the_children() -> None:
    before = _open_files(), _children()
    verdicts(3, lambda n: None)
    assert (_open_files(), _children()) == before


def _children() -> set[int]:
    """The processes that this one has started, those that ended without a wait included."""
    return {child.pid for child in psutil.Process().children()}


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
