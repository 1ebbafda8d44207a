"""A tracker and servers of TVM's on this machine, and a kernel that sleeps instead of computing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from socket import socket
from time import monotonic, sleep
from typing import Any

from tvm import rpc
from tvm.rpc.tracker import Tracker as TrackerProcess

from heron_ms.measure.servers.session import Evaluate
from heron_ms.measure.servers.tracker import Tracker

HOST = "127.0.0.1"
KEY = "loopback"
_PORTS = 100
_PATIENCE = 60.0
"""Seconds that the servers take to be there, at most."""


@dataclass
class Loopback:
    """A tracker that lends ``servers``, each a process."""

    tracker: Tracker
    servers: list[Any] = field(default_factory=list)

    @property
    def address(self) -> str:
        """As ``--tracker`` takes it."""
        return str(self.tracker)

    def start(self, count: int) -> None:
        """Start so many servers, and wait until the tracker knows them."""
        wanted = self.tracker.standing().servers + count
        with ThreadPoolExecutor(count) as side_by_side:
            self.servers += side_by_side.map(lambda _: self._server(), range(count))
        begun = monotonic()
        while self.tracker.standing().servers < wanted:
            if monotonic() > begun + _PATIENCE:
                raise TimeoutError(f"the tracker at {self.address} does not see its servers")
            sleep(0.05)

    def kill(self, position: int) -> None:
        """End a server in the middle of whatever it does."""
        self.servers[position].terminate()

    def pause(self, position: int, going_on: bool = False) -> None:
        """Let a server hang, as one does whose machine is frozen; or go on."""
        number = signal.SIGCONT if going_on else signal.SIGSTOP
        os.kill(self.servers[position].proc._proc.pid, number)

    def _server(self) -> Any:
        address = (HOST, self.tracker.port)
        return rpc.Server(
            HOST,
            *_ports(),
            key=KEY,
            tracker_addr=address,
            silent=True,
            server_init_callback=_quietly(),
        )


@contextmanager
def loopback(count: int) -> Iterator[Loopback]:
    """So many servers, which end with the context."""
    with ExitStack() as ending:
        process = TrackerProcess(HOST, *_ports(), silent=True)
        ending.callback(process.terminate)
        there = Loopback(Tracker(HOST, process.port, KEY))
        ending.callback(lambda: [server.terminate() for server in there.servers])
        there.start(count)
        yield there


def sleeping(seconds: float) -> Evaluate:
    """An evaluation that keeps a server busy for so long, and reports a second."""

    # A local function travels to a worker by value.
    def evaluate(session: Any, program: Any, device: Any, config: Any, lists: Any) -> list[float]:
        session.get_function("heron_ms.testing.sleep")(seconds)
        return [1.0]

    return evaluate


def _ports() -> tuple[int, int]:
    """Where TVM looks for a port: from a free one on, or those who look at a time meet at one."""
    with socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    return port, port + _PORTS


def _quietly() -> Callable[[], None]:
    """What a server does first: it can sleep, and does not write about its sessions."""

    # As above.
    def prepare() -> None:
        import os
        from time import sleep

        from tvm_ffi import register_global_func

        register_global_func("heron_ms.testing.sleep", sleep, override=True)
        os.environ["TVM_BIND_THREADS"] = "0"

    return prepare
