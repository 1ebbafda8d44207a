"""The pace of a budget, on a clock of its own: all is done when the time is up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from heron_ms.budget import budget as module
from heron_ms.budget.budget import UNBOUNDED, Budget
from heron_ms.budget.pace import FIRST, Pace
from heron_ms.errors import BudgetError
from heron_ms.events.kinds import BatchBuilt, CandidateTried, TaskSettled
from tests.budget.found import found


class Simulated:
    """A run whose batches take random times about some means, in seconds."""

    def __init__(self, build: float, run: float, search: float, tasks: Sequence[str]) -> None:
        self.now = 0.0
        self.build, self.run, self.search, self.tasks = build, run, search, tasks
        self.rng = np.random.default_rng(0)
        self.batches: list[tuple[str, int]] = []

    def _took(self, mean: float, count: int = 1) -> float:
        seconds = float(mean * self.rng.uniform(0.7, 1.3, count).sum())
        self.now += seconds
        return seconds

    def batch(self, pace: Pace, task: str, most: int) -> bool:
        """One batch of a task; whether there was one."""
        count = min(most, pace.allowed(task))
        if not count:
            return False
        self.batches.append((task, count))
        pace.searched(self._took(self.search))
        built = self._took(self.build, count)
        pace(BatchBuilt(candidates=count, build_seconds=built, load=0.0))
        for _ in range(count):
            ran = self._took(self.run)
            pace(
                CandidateTried(
                    task=task, decisions="[]", build_seconds=self.build, run_seconds=ran, seconds=1
                )
            )
        return True

    def whole(self, pace: Pace) -> None:
        """Search, in turns of 64, and do what comes after it."""
        for task in self.tasks:
            pace(found(task, task))
        going = list(self.tasks)
        while going:
            going = [task for task in going if self.batch(pace, task, 64)]
        self.now += (pace.budget.left - pace.left) * float(self.rng.uniform(0.9, 1.1))


@pytest.mark.parametrize("minutes", [1, 3, 10])
@pytest.mark.parametrize(
    ("build", "run", "search"), [(0.3, 0.1, 1.0), (2.0, 0.5, 4.0), (0.05, 0.02, 3)]
)
def test_a_kernel_is_done_in_time(
    monkeypatch: pytest.MonkeyPatch, minutes: int, build: float, run: float, search: float
) -> None:
    simulated = Simulated(build, run, search, ["main"])
    monkeypatch.setattr(module, "perf_counter", lambda: simulated.now)
    pace = Pace(Budget(60.0 * minutes, begun=0.0, after=("check",)), phases=("finalists", "check"))
    simulated.whole(pace)
    assert abs(simulated.now / (60 * minutes) - 1) < 0.05 + search / (60 * minutes)
    assert simulated.batches[0][1] <= FIRST


def test_each_task_gets_some_before_any_gets_many(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [f"task{n}" for n in range(40)]
    simulated = Simulated(0.3, 0.1, 0.5, tasks)
    monkeypatch.setattr(module, "perf_counter", lambda: simulated.now)
    pace = Pace(Budget(180.0, begun=0.0), phases=("finalists", "compare"))
    simulated.whole(pace)
    assert [task for task, _ in simulated.batches[:40]] == tasks
    assert max(count for _, count in simulated.batches[:40]) <= FIRST
    assert simulated.now < 180 * 1.05
    assert min(Counter(task for task, _ in simulated.batches).values()) >= 1


def test_a_goal_ends_it_and_finalists_take_it_back() -> None:
    pace = Pace(Budget(until=0.9), goal=2.0)
    assert pace.allowed("main") == UNBOUNDED
    pace(CandidateTried(task="main", seconds=1.9))
    assert pace.is_reached and pace.allowed("main") == 0
    pace(TaskSettled(workload="", seconds=2.1))
    assert not pace.is_reached and pace.allowed("main") == UNBOUNDED


def test_there_are_no_more_trials_than_asked_for() -> None:
    pace = Pace(Budget(), trials=3)
    assert pace.allowed("main") == 3
    for left in (2, 1, 0):
        pace(CandidateTried(task="main", decisions="[]", seconds=1.0))
        assert pace.allowed("main") == left


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_no_time(seconds: float) -> None:
    with pytest.raises(BudgetError, match="a number of seconds above 0"):
        Budget(seconds)


@pytest.mark.parametrize("until", [0, -0.1, 1.1, float("nan")])
def test_no_share(until: float) -> None:
    with pytest.raises(BudgetError, match="above 0, at most 1"):
        Budget(until=until)
