"""Ctrl-C at any time, and worker processes that end: one line each, and nothing left behind."""

from __future__ import annotations

import errno
import os
import pty
import signal
import sys
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from threading import Timer
from time import perf_counter, sleep
from types import ModuleType
from typing import Any

import pytest
import tvm_ffi

from heron_ms._starting import SIGNALS
from heron_ms._tvm import relax
from heron_ms.cli import main
from heron_ms.cli.process.interrupt import AGAIN, Interruptible
from heron_ms.cli.process.scratch import remove_scratch, scratch
from heron_ms.cli.tune.watch import Watch
from heron_ms.errors import WorkerError
from heron_ms.measure.cpu.pool import run_with_threads


def _raising(error: BaseException) -> Any:
    def command(_: Any) -> int:
        raise error

    return command


@pytest.fixture(autouse=True)
def _as_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A background job of a script is started with Ctrl-C ignored."""
    monkeypatch.setattr("heron_ms.cli.process.interrupt._last", signal.SIGINT)
    before = {signum: signal.signal(signum, signal.SIG_DFL) for signum in SIGNALS}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("through_tvm", [False, True])
def test_outside_a_search_it_ends_the_command_in_a_line(
    number: int,
    through_tvm: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def press(*_: Any) -> int:
        signal.raise_signal(number)
        return 0

    command = tvm_ffi.convert(press) if through_tvm else press
    monkeypatch.setattr("heron_ms.cli.doctor.command.run", lambda _: command())
    assert main(["doctor"]) == 128 + number
    by = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
    line = f"heron-ms: interrupted{by}: nothing was lost, run the same command again\n"
    assert capsys.readouterr().err == line
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.parametrize("error", [RuntimeError("of TVM"), RuntimeError(), OSError("none")])
def test_an_error_that_no_signal_raised_is_one(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heron_ms.cli.doctor.command.run", _raising(error))
    with pytest.raises(type(error)):
        main(["doctor"])


def test_an_error_that_follows_from_a_signal_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def swallow(_: Any) -> int:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        raise OSError("the terminal is gone")

    monkeypatch.setattr("heron_ms.cli.doctor.command.run", swallow)
    assert main(["doctor"]) == 143
    assert capsys.readouterr().err.startswith("heron-ms: interrupted by SIGTERM: ")


@pytest.mark.parametrize("number", SIGNALS)
def test_where_it_is_ignored_it_stays_so(number: int) -> None:
    signal.signal(number, signal.SIG_IGN)
    with Interruptible() as interrupt:
        signal.raise_signal(number)
    assert not interrupt.pressed
    assert signal.getsignal(number) is signal.SIG_IGN


class _Last:
    """Calls a function when it is no longer needed."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call

    def __del__(self) -> None:
        self._call()


def _in_a_destructor(call: Callable[[], Any]) -> None:
    _Last(call)


def _in_a_weak_callback(call: Callable[[], Any]) -> None:
    owner = _Last(lambda: None)
    _ = weakref.ref(owner, lambda _: call())
    del owner


PLACES = [_in_a_destructor, _in_a_weak_callback]
Place = Callable[[Callable[[], Any]], None]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", SIGNALS)
def test_where_nothing_can_be_raised_it_is_raised_later(
    place: Place, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", before := heard.append)
    reached, begun = False, perf_counter()
    with Interruptible() as interrupt:
        place(lambda: signal.raise_signal(number))
        reached = True
        sleep(3)
    assert reached and interrupt.pressed and perf_counter() - begun < 2
    assert heard == [] and sys.unraisablehook is before


class _Loader(ExtensionFileLoader):
    """Loads a module during which a signal comes."""

    def exec_module(self, module: ModuleType) -> None:
        signal.raise_signal(signal.SIGINT)
        module.__doc__ = "whole"


def test_a_module_of_c_is_loaded_first() -> None:
    """It may crash when it is used after that was interrupted."""
    module, begun = ModuleType("of_c"), perf_counter()
    with Interruptible() as interrupt:
        _Loader("of_c", "of_c.so").exec_module(module)
        sleep(3)
    assert interrupt.pressed and perf_counter() - begun < 2
    assert module.__doc__ == "whole"


@pytest.mark.parametrize("place", PLACES)
def test_other_errors_that_cannot_be_raised_are_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: heard.append(args.exc_type))
    with Interruptible() as interrupt:
        place(lambda: int("none"))
    assert heard == [ValueError] and not interrupt.pressed


def test_what_it_leaves_of_tvm_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def build() -> None:
        builder = relax.BlockBuilder()
        with builder.function("main", []), builder.dataflow():
            raise KeyboardInterrupt

    with Interruptible():
        build()
    assert capfd.readouterr() == ("", "")


def test_an_interrupt_that_ended_the_context_is_not_raised_again() -> None:
    with Interruptible() as outer:
        with Interruptible():
            _in_a_destructor(lambda: signal.raise_signal(signal.SIGINT))
            signal.raise_signal(signal.SIGTERM)
        sleep(2 * AGAIN)
    assert not outer.pressed


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
    remove_scratch()
    assert list(tmp_path.rglob("*")) == []


def test_what_computes_does_not_delay_it() -> None:
    begun = perf_counter()
    Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()
    with Interruptible() as interrupt:
        run_with_threads(1, lambda: sleep(3))
    assert interrupt.pressed and perf_counter() - begun < 2


def test_a_worker_that_ends_while_it_starts_is_told() -> None:
    starting: Future[Any] = Future()
    starting.set_exception(ChildProcessError("Subprocess terminated"))
    watch = Watch(on_phase=lambda _: None, check=lambda: None)
    with pytest.raises(WorkerError, match="ended while it started"):
        watch.started(starting)


@pytest.mark.parametrize("closed_after", [0, AGAIN / 5, None])
def test_an_error_of_a_closed_terminal_is_its_signal(
    closed_after: float | None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The signal may come later than the first thing that could not be printed."""
    terminal, stream = pty.openpty()
    monkeypatch.setattr("heron_ms.cli.process.interrupt.PRINTED", (stream,))

    def command(_: Any) -> int:
        if closed_after is not None:
            Timer(closed_after, os.close, [terminal]).start()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("heron_ms.cli.doctor.command.run", command)
    assert main(["doctor"]) == (2 if closed_after is None else 128 + signal.SIGHUP)
    os.close(stream)
