"""Ctrl-C at any time, and worker processes that end: one line each, and nothing left behind."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.cli.interrupt import Interruptible
from heron_ms.cli.scratch import scratch
from heron_ms.cli.watch import Watch
from heron_ms.errors import WorkerError


def _raising(error: BaseException) -> Any:
    def command(_: Any) -> int:
        raise error

    return command


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError()])
def test_outside_a_search_it_ends_the_command_in_a_line(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("heron_ms.cli.tune.run", _raising(error))
    assert main(["tune", "gemm", "8", "8", "8"]) == 130
    assert capsys.readouterr().err == "heron-ms: interrupted\n"


def test_an_error_of_tvm_is_no_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heron_ms.cli.tune.run", _raising(RuntimeError("of TVM")))
    with pytest.raises(RuntimeError, match="of TVM"):
        main(["tune", "gemm", "8", "8", "8"])


def test_where_it_is_ignored_it_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruptible() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert not interrupt.pressed
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("interrupted", [False, True])
def test_what_workers_build_is_removed(
    interrupted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", "elsewhere")
    with suppress(KeyboardInterrupt), scratch():
        folder = Path(os.environ["TMPDIR"])
        (folder / "program").mkdir()
        (folder / "program" / "built").touch()
        if interrupted:
            raise KeyboardInterrupt
    assert list(tmp_path.rglob("*")) == ([folder] if interrupted else [])
    assert os.environ["TMPDIR"] == "elsewhere"


def test_a_worker_that_ends_while_it_starts_is_told() -> None:
    starting: Future[Any] = Future()
    starting.set_exception(ChildProcessError("Subprocess terminated"))
    watch = Watch(on_phase=lambda _: None, check=lambda: None)
    with pytest.raises(WorkerError, match="ended while it started"):
        watch.started(starting)
