"""What may happen to a run: to its process, to one of its workers, to a candidate, to a server."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil

from heron_ms.database.files import RECORDS
from heron_ms.testing.faulty import HARM
from heron_ms.testing.loopback import Loopback

PLAIN = ("-m", "heron_ms")


@dataclass(frozen=True)
class Moment:
    """A running command, its work directory, a source of chance, and the servers, if any."""

    process: subprocess.Popen[bytes]
    work_dir: Path
    rng: Random
    servers: Loopback | None


Strike = Callable[[Moment], None]


@dataclass(frozen=True)
class Fault:
    """``strike`` comes at a moment, nothing where a candidate does the ``harm`` by itself.

    ends: whether the command may end of it, to go on when it is given again.
    """

    name: str
    strike: Strike = lambda _: None
    harm: str = ""
    ends: bool = False
    of_server: bool = False

    def program(self, position: int) -> tuple[str, ...]:
        """How Python starts ``heron-ms`` with it; the candidate at a position does harm."""
        return ("-m", "heron_ms.testing.faulty", self.harm, str(position)) if self.harm else PLAIN


def _signalled(number: int) -> Strike:
    return lambda moment: moment.process.send_signal(number)


def _fill_disk(moment: Moment) -> None:
    """No file of the process grows any more, as where a quota is used up."""
    records = moment.work_dir / RECORDS
    size = records.stat().st_size if records.exists() else 0
    with suppress(ProcessLookupError):
        resource.prlimit(moment.process.pid, resource.RLIMIT_FSIZE, (size, -1))


def _crash_worker(moment: Moment) -> None:
    """Any of those that build and run."""
    with suppress(psutil.NoSuchProcess):
        workers = psutil.Process(moment.process.pid).children(recursive=True)
        if workers:
            os.kill(moment.rng.choice(workers).pid, signal.SIGSEGV)


def _kill_server(moment: Moment) -> None:
    assert moment.servers is not None
    moment.servers.kill(0)


FAULTS = (
    Fault("kill -9", _signalled(signal.SIGKILL), ends=True),
    Fault("Ctrl-C", _signalled(signal.SIGINT), ends=True),
    Fault("SIGTERM", _signalled(signal.SIGTERM), ends=True),
    Fault("full disk", _fill_disk, ends=True),
    Fault("a worker crashes", _crash_worker),
    *(Fault(f"candidate: {name}", harm=name) for name in HARM),
    Fault("a server is killed", _kill_server, of_server=True),
)
