"""What a tuning leaves out, told to the user while the rest goes on: a type, and a line.

They are warnings of Python's, because MetaSchedule calls space and strategy and has no place for a
report of theirs.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from heron_ms.errors import DynamicShapeError, UnsatisfiableSpaceError, last_line
from heron_ms.events.bus import tell
from heron_ms.events.kinds import TaskLeft
from heron_ms.tensorize.reasons import NoMatch


class Cause(str, Enum):
    """The kinds of causes."""

    DYNAMIC = "dynamic shape"
    UNSATISFIABLE = "no program in its space"
    ERROR = "an error"


@dataclass(frozen=True)
class Untuned:
    """A task that cannot be tuned, the kind of cause, and what exactly stands in the way."""

    task: str
    cause: Cause
    detail: str

    def __str__(self) -> str:
        return f"task {self.task} is left as it is: {self.cause.value} ({self.detail})"


class UntunedWarning(UserWarning):
    """A task is left as it is; ``untuned`` says which and why."""

    def __init__(self, untuned: Untuned) -> None:
        super().__init__(str(untuned))
        self.untuned = untuned


class UntensorizedWarning(UserWarning):
    """A block that maps to an intrinsic does not get it; ``match`` says why not."""

    def __init__(self, task: str, match: NoMatch) -> None:
        super().__init__(f"task {task}, {match}")
        self.match = match


class UnmeasuredWarning(UserWarning):
    """Functions have no record, and their schedules are ones that no measurement chose.

    ``ways`` says for each of them, by name, how it came by its schedule.
    """

    def __init__(self, ways: Mapping[str, str], functions: int) -> None:
        counts = Counter(ways.values())
        scheduled = ", ".join(f"{count} {way}" for way, count in counts.most_common())
        super().__init__(
            f"{len(ways)} of {functions} functions have no record that ran on the target, and are "
            f"scheduled unmeasured: {scheduled}"
        )
        self.ways = dict(ways)


class WrongWarning(UserWarning):
    """The fastest program of a task does not compute what the task does, and is not used."""

    def __init__(self, task: str, seconds: float, why: str) -> None:
        super().__init__(f"task {task}: its program of {seconds:g} s is wrong and not used: {why}")
        self.task = task


def warn_untuned(task: str, error: BaseException) -> None:
    """Tell that an error of ours or of TVM leaves a task as it is."""
    detail = str(error) if isinstance(error, _CAUSES) else last_line(error)
    untuned = Untuned(task, _cause(error), detail)
    tell(TaskLeft(task=task, error=f"{untuned.cause.value} ({detail})"))
    warnings.warn(UntunedWarning(untuned), stacklevel=2)


_CAUSES = (DynamicShapeError, UnsatisfiableSpaceError)


def _cause(error: BaseException) -> Cause:
    if isinstance(error, DynamicShapeError):
        return Cause.DYNAMIC
    return Cause.UNSATISFIABLE if isinstance(error, UnsatisfiableSpaceError) else Cause.ERROR
