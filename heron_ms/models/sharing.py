"""Several tuners of one model, each with a share of its tasks and a work directory of its own.

A task is in one share only, so that nothing is measured twice; what they measured is joined when
they are done (`heron-ms db merge`). Nobody has to wait for anybody, nor see the same disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from heron_ms._tvm import structural_hash
from heron_ms.errors import UsageError
from heron_ms.measure.records import module_of

Task = TypeVar("Task")


@dataclass(frozen=True)
class Share:
    """The share ``number`` of ``count``, counted from 1. Raises `UsageError` for none of them."""

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise UsageError(f"there is no share {self}: the first of two is 1/2")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, tasks: Sequence[Task], function_of: Callable[[Task], Any]) -> list[Task]:
        """The tasks of this share: dealt in an order that is the same for every tuner."""
        dealt = sorted(tasks, key=lambda task: structural_hash(module_of(function_of(task))))
        mine = {id(task) for task in dealt[self.number - 1 :: self.count]}
        return [task for task in tasks if id(task) in mine]

    def trials(self, trials: int) -> int:
        """Of the trials of a whole model, those of this share."""
        return -(-trials // self.count)
