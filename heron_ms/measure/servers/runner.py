"""A runner with as many candidates in flight as there are servers now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from time import sleep
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.measure.future import Done
from heron_ms.measure.servers.gate import Gate
from heron_ms.measure.servers.how import How, sent
from heron_ms.measure.servers.one import one_server
from heron_ms.measure.servers.session import warming
from heron_ms.measure.servers.tracker import Tracker

MOST = 256
"""Servers that are used at a time: a worker process is started for each."""
PATIENCE = 120.0
"""Seconds without any server before that is an error: a board restarts in less."""
_LOOK = 0.01
"""Seconds between two looks at what is in flight."""


class _ServersRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `ServersRunner`."""

    def __init__(self, tracker: Tracker, how: How, patience: float = PATIENCE) -> None:
        super().__init__()
        self._tracker, self._how, self._patience = tracker, how, patience
        self._inner = how.runner(tracker, MOST)
        for _ in range(tracker.require()):
            # They are started while whoever makes this is shielded from signals.
            self._inner.pool.submit(warming())

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        results = dict(self.as_they_come(runner_inputs))
        return [Done(results[position]) for position in range(len(runner_inputs))]

    def as_they_come(self, runner_inputs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        gate = Gate(self._tracker, self._patience, MOST)
        waiting, flying = list(enumerate(runner_inputs))[::-1], dict[int, Any]()
        while waiting or flying:
            while waiting and gate.opens(len(flying)):
                position, runner_input = waiting.pop()
                flying[position] = sent(self._inner, runner_input)
            landed = [position for position, future in flying.items() if future.done()]
            for position in landed:
                yield position, flying.pop(position).result()
            if not landed:
                sleep(_LOOK)

    def in_one_place(self) -> AbstractContextManager[Any]:
        return one_server(self._tracker, self._how)

    def close(self) -> None:
        self._inner.pool.shutdown(wait=False)


ServersRunner: Any = derived_object(_ServersRunner)
"""``ServersRunner(tracker, how)``: measures on the servers of a tracker.

A server that dies or hangs costs the candidate that it has, which counts as failed. ``close()``
ends the workers. Raises `TrackerError` where there is no server at first, and, once ``patience``
(seconds) is over, where none is left.
"""
