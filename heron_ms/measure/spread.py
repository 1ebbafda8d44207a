"""How the trials of a run are spread over its tasks: some for each before many for any.

MetaSchedule's schedulers ask every task once, in order, and then the one from which they expect the
most. A turn that is as large as a small budget leaves that to the first task.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import Target
from heron_ms.measure.records import records_for


def trials_per_turn(asked: int, trials: int, tasks: int) -> int:
    """Trials that a task gets at a time: as asked for, unless the budget is small for the tasks.

    Then half of it goes round once, and the other half where it pays. One task gets what is asked
    for.
    """
    if tasks < 2:
        return asked
    return min(asked, max(1, round(trials / (2 * tasks))))


def least_tuned_first(tasks: Sequence[Any], database: Any, target: Target) -> list[Any]:
    """Extracted tasks of a model, those with the fewest records first, then as they come.

    A run that ends early, or has fewer trials than there are tasks, then goes on where the last one
    ended.
    """

    def records(task: Any) -> int:
        return len(records_for(database, task.dispatched[0], target))

    return sorted(tasks, key=records)
