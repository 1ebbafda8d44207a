"""A runner that holds one server and measures everything on it, so that times can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.errors import ServerLostError
from heron_ms.measure.future import Done
from heron_ms.measure.servers.how import How, sent
from heron_ms.measure.servers.session import HELD
from heron_ms.measure.servers.tracker import Tracker


class _OneServer(ms.runner.PyRunner):  # type: ignore[misc]
    """Raises `ServerLostError` from `run` once its server no longer answers."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self._inner = inner

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [Done(self._result(runner_input)) for runner_input in runner_inputs]

    def _result(self, runner_input: Any) -> Any:
        result = sent(self._inner, runner_input).result()
        if result.error_msg and not self._answers():
            raise ServerLostError("the server that compared the fastest programs is gone")
        return result

    def _answers(self) -> bool:
        try:
            return int(self._inner.pool.submit(_ping()).result()) > 0
        except Exception:  # a worker that was killed, a session that is closed
            return False


OneServer: Any = derived_object(_OneServer)


@contextmanager
def one_server(tracker: Tracker, how: How) -> Iterator[Any]:
    """A runner on a server that is given back in the end."""
    inner = how.runner(tracker, workers=1, held=True)
    try:
        yield OneServer(inner)
    finally:
        inner.pool.shutdown(wait=False)


def _ping() -> Callable[[], int]:
    name = HELD

    # A local function travels to the worker by value: it need not import heron_ms.
    def ping() -> int:
        from tvm import rpc

        return int(getattr(rpc, name).get_function("runtime.NumThreads")())

    return ping
