"""What a runner may do beside MetaSchedule's ``run``: measure several programs at a time.

A runner that has ``as_they_come`` says itself how many are in flight; one that has
``in_one_place`` has more places than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def as_they_come(runner: Any, inputs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """The result of each input, with its position, as soon as it is there.

    One is measured after the other, unless the runner knows better.
    """
    if hasattr(runner, "as_they_come"):
        yield from runner.as_they_come(inputs)
    else:
        for position, runner_input in enumerate(inputs):
            yield position, runner.run([runner_input])[0].result()


def in_one_place(runner: Any) -> AbstractContextManager[Any]:
    """A runner all of whose runs are on one and the same machine, one after the other."""
    alone: AbstractContextManager[Any] = (
        runner.in_one_place() if hasattr(runner, "in_one_place") else nullcontext(runner)
    )
    return alone
