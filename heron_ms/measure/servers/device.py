"""The servers of a tracker, as a device: programs are compiled here, and run and timed there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import ref

import tvm
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.errors import TargetError
from heron_ms.hardware import Machine, cpu_asked, resolve
from heron_ms.measure.cpu.builder import MILLISECONDS, local_builder
from heron_ms.measure.cpu.device import REPEATS
from heron_ms.measure.cpu.linking import exporting
from heron_ms.measure.cpu.vector_math import with_vector_math
from heron_ms.measure.device import Usual
from heron_ms.measure.servers.how import How
from heron_ms.measure.servers.runner import ServersRunner
from heron_ms.measure.servers.session import creation
from heron_ms.measure.servers.tracker import Tracker

_SECONDS = 600.0
"""How long kernels that are called one by one may keep their server."""


@dataclass(frozen=True)
class Function:
    """A function on a server, with the session that it lives in."""

    function: Any
    session: Any


@dataclass(frozen=True)
class Kernel:
    """A compiled module on a server, with the session that it lives in."""

    module: Any
    session: Any

    def __getitem__(self, name: str) -> Function:
        """The function of that name, which `Servers.call` takes."""
        return Function(self.module[name], self.session)


class Servers(Usual):
    """See `Device`; ``machine`` is the CPU of the servers, which are alike.

    tracker: ``HOST:PORT``. key: that of the servers which are meant. target: a machine by name, as
    ``--target`` takes it; without one, a server is asked for its CPU. cores: how many a kernel
    uses; by default as many as a server has. Raises `TrackerError` where no tracker answers or it
    has no such server, and `TargetError` where the server cannot tell its CPU.
    """

    estimates = False

    def __init__(
        self, tracker: str, key: str, target: str | None = None, cores: int | None = None
    ) -> None:
        self.tracker = Tracker.at(tracker, key)
        self.tracker.require()
        described = _asked(self.tracker, target)
        self.machine: Machine = described if cores is None else described.with_cores(cores)
        self._session: Callable[[], Any] = lambda: None

    def target(self) -> Target:
        """What to compile for."""
        return Target(self.machine.target())

    def builder(self) -> Any:
        """A builder on this machine, with a worker for each processor."""
        return local_builder()

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """A runner with a candidate on each server, on as many threads as the target has cores."""
        return ServersRunner(self.tracker, How(self._threads(target), in_model))

    def compile(self, mod: IRModule, target: Target) -> Kernel:
        """By LLVM here, and loaded on a server: on the same one while any kernel is kept."""
        return self.loaded(tvm_compile(with_vector_math(mod), target=target), target)

    def loaded(self, compiled: Any, target: Target) -> Kernel:
        """What was compiled for a target, on a server."""
        session = self._kept_session(target)
        with TemporaryDirectory() as folder:
            path = exporting()(compiled, target, Path(folder, f"kernel{id(compiled)}"))
            session.upload(str(path))
            return Kernel(session.load_module(path.name), session)

    def call(self, function: Function, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """On the server that holds the function."""
        arguments = _tensors(arrays, function.session)
        function.function(*arguments)
        return [argument.numpy() for argument in arguments]

    def seconds(self, kernel: Kernel, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """Of as many repeats as on this CPU."""
        timer = kernel.module.time_evaluator(
            "main", kernel.session.cpu(), number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS
        )
        return [float(seconds) for seconds in timer(*_tensors(arrays, kernel.session)).results]

    def peak(self, a_dtype: str) -> float | None:
        """None: nothing measures it there."""
        return None

    def _threads(self, target: Target) -> int:
        return int(target.attrs.get("num-cores", self.machine.cores))

    def _kept_session(self, target: Target) -> Any:
        """One for all kernels, as there may be one server; it ends with the last of them."""
        session = self._session()
        if session is None:
            session = creation(self._threads(target))(self.tracker.config(_SECONDS))
            self._session = ref(session)
        return session


def _tensors(arrays: Sequence[NDArray[Any]], session: Any) -> list[Any]:
    return [tvm.runtime.tensor(array, session.cpu()) for array in arrays]


def _asked(tracker: Tracker, name: str | None) -> Machine:
    """The machine of a name, or that of the server, with as many cores as the server has."""
    session = tracker.session(_SECONDS)

    def ask(question: str) -> Any:
        return session.get_function(question)()

    if name is not None:
        return resolve(name).with_cores(int(ask("runtime.NumThreads")))
    try:
        return cpu_asked(ask)
    except Exception as error:  # TVM has one of several for each mistake
        raise TargetError(
            f"the servers of key {tracker.key!r} cannot tell their CPU, as their TVM has no LLVM: "
            "name it with --target"
        ) from error
