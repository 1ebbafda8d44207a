"""Commands that are ended by signals at any moment: a line, 128 + signal, nothing left behind."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest

from heron_ms._starting import SIGNALS
from tests.cli.model.nets import mlp

TUNE = "tune gemm 64 64 64 --trials 12 --cores 1 --work-dir work"
SUITE = "tune --suite dlboost --only gemv-512x --trials 6 --cores 1 --work-dir suite"
MODEL = "tune-model net.onnx --shape x=4x12 --trials 4 --cores 1 --work-dir work"
Moment = Callable[["Command"], bool]


class Command:
    """``python -m heron_ms`` in a folder and with temporary files of its own."""

    def __init__(self, folder: Path, line: str) -> None:
        self.folder, self.temporary = folder, folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "heron_ms", *line.split()],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            restore_signals=True,
            preexec_fn=_as_in_a_terminal,
        )

    def workers(self) -> list[Any]:
        """The processes that it has started."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def records(self) -> int:
        """Measurements that are on disk."""
        name = "database_tuning_record.json"
        files = [*self.folder.glob(f"work/{name}"), *self.folder.glob(f"suite/*/{name}")]
        return sum(len(file.read_text().splitlines()) for file in files)

    def end(self, moment: Moment, number: int, group: bool = False, late: bool = False) -> str:
        """Send a signal at a moment; the last line on stderr, once it has ended as it should.

        late: it may be ending by itself already, and then nothing is left to say.
        """
        wait_for(lambda: moment(self))
        workers = self.workers()
        (os.killpg if group else os.kill)(self.process.pid, number)
        _, err = self.process.communicate(timeout=60)
        assert self.process.returncode in ((0, 128 + number) if late else (128 + number,)), err
        assert "Traceback" not in err and "Exception ignored" not in err
        assert not [worker for worker in workers if _is_alive(worker)]
        assert not list(self.temporary.iterdir())
        return str(err.strip().splitlines()[-1])


def _as_in_a_terminal() -> None:
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_DFL)


def _is_alive(process: Any) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def wait_for(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until something holds."""
    begun = monotonic()
    while not holds():
        assert monotonic() - begun < seconds
        sleep(0.01)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Command]]:
    started: list[Command] = []

    def begin(line: str) -> Command:
        started.append(Command(tmp_path, line))
        return started[-1]

    yield begin
    for run in started:
        run.process.kill()
        run.process.communicate()


def loading(command: Command) -> bool:
    """TVM is being imported."""
    return "libtvm" in Path(f"/proc/{command.process.pid}/maps").read_text()


def starting(command: Command) -> bool:
    """Workers are being started; another process asks at first what this CPU permits."""
    return any("popen_worker" in " ".join(_line_of(worker)) for worker in command.workers())


def _line_of(process: Any) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:  # it has ended
        return []


def building(command: Command) -> bool:
    """A worker has begun to build."""
    return any(command.temporary.glob("heron-ms-*/*"))


def running(command: Command) -> bool:
    """Something was measured."""
    return command.records() > 0


def finishing(command: Command) -> bool:
    """All was measured once: finalists, the check and the report are left."""
    return command.records() >= 12


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("line", ["explain gemm 64 64 64", "doctor"])
def test_while_tvm_is_imported(start: Any, line: str, number: int) -> None:
    last = start(line).end(loading, number)
    assert last.endswith("nothing was lost, run the same command again")


def test_while_workers_start(start: Any) -> None:
    last = start(TUNE).end(starting, signal.SIGTERM)
    assert last.startswith("interrupted by SIGTERM: 0 of 12 trials are kept in work; run the same")


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("moment", [starting, building, running])
@pytest.mark.parametrize("group", [False, True])
def test_in_a_search(start: Any, moment: Moment, number: int, group: bool) -> None:
    command = start(TUNE)
    last = command.end(moment, number, group)
    assert f" {command.records()} of 12 trials are kept in work; run the same command" in last


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("moment", [starting, building, running])
def test_in_the_search_of_a_model(start: Any, tmp_path: Path, moment: Moment, number: int) -> None:
    mlp(tmp_path / "net.onnx")
    command = start(MODEL)
    last = command.end(moment, number)
    assert f" {command.records()} of 4 trials are kept in work; run the same command" in last


@pytest.mark.slow
def test_a_model_goes_on_after_kills(start: Any, tmp_path: Path) -> None:
    mlp(tmp_path / "net.onnx")
    for moment in (starting, building, running):
        command = start(MODEL)
        wait_for(partial(moment, command))
        command.process.kill()
        command.process.communicate()
        kept = command.records()
    command = start(MODEL)
    out, err = command.process.communicate(timeout=300)
    assert command.process.returncode == 0, err
    assert 0 < kept <= command.records() == 4 and ", 4 trials;" in out


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
def test_after_a_search(start: Any, delay: float) -> None:
    command = start(TUNE)
    wait_for(lambda: finishing(command))
    sleep(delay)
    if command.process.poll() is None:
        last = command.end(finishing, signal.SIGINT, late=True)
        # Once the report is on its way, there is nothing left to go on with.
        kept = "kept in work; run the same command again to go on" in last
        nothing_lost = "nothing was lost, run the same command again" in last
        assert kept or nothing_lost or command.process.returncode == 0


@pytest.mark.slow
def test_a_suite(start: Any) -> None:
    last = start(SUITE).end(running, signal.SIGHUP)
    assert last.startswith("interrupted by SIGHUP: 0 of 2 cases are finished and what was measured")


@pytest.mark.slow
@pytest.mark.parametrize("moment", [starting, building, running])
def test_workers_do_not_outlive_a_kill(start: Any, moment: Moment) -> None:
    command = start(TUNE)
    wait_for(lambda: moment(command))
    workers = command.workers()
    command.process.kill()
    wait_for(lambda: not any(map(_is_alive, workers)), seconds=20)


@pytest.mark.slow
def test_a_terminal_that_closes(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "heron_ms", *TUNE.split(), "--json", "result.json"]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(tmp_path)
        os.environ["TMPDIR"] = str(tmp_path)
        os.execv(sys.executable, arguments)
    records = tmp_path / "work" / "database_tuning_record.json"
    wait_for(lambda: records.is_file() and len(records.read_text().splitlines()) > 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 128 + signal.SIGHUP
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result.json", "work"]
