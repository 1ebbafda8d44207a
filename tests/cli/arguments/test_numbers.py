"""The numbers that a person types: times."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from heron_ms.cli.arguments.numbers import duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("20m", 1200), ("1h30m", 5400), ("1m1.5s", 61.5)]
)
def test_times(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "-5", "m", "20 m", "1d", "nan", "1e3", "9" * 40])
def test_no_times(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="must be a time such as 90s, 20m or 1h30m"):
        duration(text)
