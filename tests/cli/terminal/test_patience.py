"""What takes long says what it is doing; what does not is silent."""

from __future__ import annotations

from time import sleep

import pytest

from heron_ms.cli.terminal import patience
from heron_ms.cli.terminal.patience import told


def test_it_is_told_and_told_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.01)
    monkeypatch.setattr(patience, "LATER", 0.01)
    with told("counting"):
        sleep(0.3)
    out, err = capsys.readouterr()
    assert out == "" and err.count("counting (0 s)\n") > 1


def test_what_is_quick_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with told("counting"):
        pass
    assert capsys.readouterr().err == ""


def test_an_error_comes_through() -> None:
    with pytest.raises(KeyError), told("counting"):
        raise KeyError
