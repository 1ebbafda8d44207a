"""A budget as `tune_tir` and `tune_relax` keep it: the pace of their search, and its goal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from heron_ms._tvm import PrimFunc, ms, operations, tensors_of
from heron_ms.budget.budget import UNBOUNDED, Budget
from heron_ms.budget.pace import Pace
from heron_ms.budget.rates import Rates
from heron_ms.errors import BudgetError
from heron_ms.events.bus import listening, phase
from heron_ms.measure.device import Device
from heron_ms.measure.measuring import Tools
from heron_ms.measure.patience import patient
from heron_ms.measure.record_file import RecordFile
from heron_ms.measure.records import best_record, module_of, seconds_of
from heron_ms.numbers import count_of
from heron_ms.search.paced import Paced

AGAIN = 8
"""How often a search goes on at most after the finalists."""


def budget_of(budget: float | Budget | None, until: float | None = None) -> Budget:
    """The budget of seconds and a share of the roof; one that is made already is as it is.

    Raises `BudgetError`.
    """
    if isinstance(budget, Budget):
        return budget
    return Budget(None if budget is None else float(budget), until)


def trials_of(given: int | None, budget: Budget) -> int:
    """The most trials: as many as the budget allows where it ends the run and none are given.

    Raises `TrialsError` for fewer than one, and for none without a budget.
    """
    if given is None and budget.ends:
        return UNBOUNDED
    return count_of("max_trials_global", given)


def goal_of(budget: Budget, functions: Sequence[PrimFunc], device: Device) -> float | None:
    """The seconds of a program that comes as close to the roof as asked for; None for any.

    Raises `BudgetError` where there is more than one function, or nothing tells the roof.
    """
    if budget.until is None:
        return None
    if len(functions) != 1:
        raise BudgetError(f"a share of the roof is of one function, not of {len(functions)}")
    [func] = functions
    dtype = next((str(param.dtype) for param in tensors_of(func)), "")
    peak = device.peak(dtype)
    if peak is None:
        raise BudgetError(f"nothing tells the roof for {dtype} on this machine: leave `until` out")
    count = budget.operations or operations(module_of(func))
    return count / (budget.until * peak * 1e9)


@contextmanager
def pacing(
    budget: Budget,
    trials: int,
    functions: Sequence[PrimFunc],
    tools: Tools,
    store: Any,
    phases: Sequence[str],
    work_dir: Path,
) -> Iterator[Pace]:
    """A pace that hears what is told inside; ``phases`` are what comes after the search.

    trials: those that are left. Raises what `goal_of` raises.
    """
    goal = goal_of(budget, functions, tools.device)
    rates = Rates(RecordFile(work_dir).size)
    pace = Pace(budget, goal, (*phases, *budget.after), trials, rates=rates)
    if pace.goal is not None:
        best = best_record(store, functions[0], tools.target)
        pace.best = float("inf") if best is None else seconds_of(best.run_secs)
    with listening(pace), patient(lambda: pace.patience):
        yield pace


def paced(strategy: Any, pace: Pace) -> Any:
    """A strategy of MetaSchedule, or its name, that keeps a pace."""
    made = ms.search_strategy.create(strategy) if isinstance(strategy, str) else strategy
    return Paced(made, pace)


def until_settled(
    pace: Pace, trials: int, search: Callable[[Pace], None], finalists: Callable[[Pace], bool]
) -> bool:
    """Search and measure the finalists, until what these say is enough; whether they changed any.

    It goes on where the finalists took back a goal, or left time that was kept for them.
    """
    changed = False
    for _ in range(AGAIN):
        before = pace.tried
        if trials > before:
            with phase("search"):
                pace.begin()
                search(pace)
        changed = finalists(pace) or changed
        if pace.tried == before or not _goes_on(pace):
            break
    return changed


def _goes_on(pace: Pace) -> bool:
    if pace.budget.seconds is not None:
        return pace.is_worth_more() and not pace.is_reached
    return pace.goal is not None and not pace.is_reached
