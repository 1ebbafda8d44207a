"""What the rest of a run will take, by what its candidates took."""

from __future__ import annotations

import pytest

from heron_ms.budget.rates import LEAST, MANY, MOST, Rates
from heron_ms.budget.standing import FINALISTS, Standing
from heron_ms.events.kinds import (
    BatchBuilt,
    CandidateTried,
    PhaseEnded,
    TaskSettled,
)
from tests.budget.found import found


def _tried(
    task: str, seconds: float | None, build: float = 0.1, run: float = 0.1
) -> CandidateTried:
    return CandidateTried(
        task=task, decisions="[]", seconds=seconds, build_seconds=build, run_seconds=run
    )


@pytest.fixture
def rates() -> Rates:
    """Of two tasks, one of which takes ten times as long to compile as the other."""
    made = Rates()
    for task, build in (("small", 0.1), ("large", 1.0)):
        made(found(task, f"hash of {task}"))
        made(BatchBuilt(candidates=1, build_seconds=build, load=0.0))
        made(_tried(task, 1.0, build))
    return made


@pytest.mark.parametrize(
    ("times", "finalists"),
    [
        ([], 0),
        ([1.0], 0),
        ([1.0, 1.2], 0),
        ([1.0, 1.05], 2),
        ([1.0, 1.05, None, 1.3, 1.09], 3),
        ([1.0] * 9, FINALISTS),
    ],
)
def test_finalists(times: list[float | None], finalists: int) -> None:
    task = Standing()
    for seconds in times:
        task.take(_tried("main", seconds))
    assert task.finalists == finalists and task.tried == len(times)


def test_one_that_was_measured_again_has_to_be_beaten() -> None:
    task = Standing()
    task.take(_tried("main", 1.0))
    task.settle(1.1)
    task.take(_tried("main", 1.15))
    assert task.finalists == 0
    task.take(_tried("main", 1.08))
    assert task.finalists == 2  # the new ones; the settled one keeps what it has


def test_what_a_task_takes_is_its_own(rates: Rates) -> None:
    assert rates.candidate("small") == pytest.approx(0.2)
    assert rates.candidate("large") == pytest.approx(1.1)
    assert rates.candidate("another") == pytest.approx(0.65)


def test_built_two_at_a_time() -> None:
    rates = Rates()
    rates(BatchBuilt(candidates=4, build_seconds=2.0, load=0.0))
    for _ in range(4):
        rates(_tried("main", 1.0, build=1.0, run=0.25))
    assert rates.candidate("main") == pytest.approx(0.75)


def test_a_first_batch_whose_workers_start_costs_no_more_than_one_after_the_other() -> None:
    rates = Rates()
    rates(BatchBuilt(candidates=1, build_seconds=6.0, load=0.0))
    rates(_tried("main", 1.0, build=0.5, run=0.25))
    assert rates.candidate("main") == pytest.approx(0.75)


def test_only_new_winners_are_compared(rates: Rates) -> None:
    compared = rates.ending(["compare"], 0.0)
    assert compared > 1.1  # both are compiled, and so is what they are compared with
    rates(PhaseEnded(phase="compare", seconds=3.0))
    rates(TaskSettled(workload="hash of small", seconds=1.0))
    rates(_tried("small", 2.0))
    assert rates.ending(["compare"], 0.0) == 0
    rates(_tried("small", 0.5))
    assert 0 < rates.ending(["compare"], 0.0) < compared / 5


def test_finalists_take_no_more_than_their_share(rates: Rates) -> None:
    rates(BatchBuilt(candidates=1, build_seconds=1.0, load=0.0))
    rates(_tried("large", 1.0, 1.0))
    assert rates.ending(["finalists"], 100.0) > 2.0
    assert rates.ending(["finalists"], 0.5) == 0.5


def test_a_candidate_is_given_up_by_what_others_take(rates: Rates) -> None:
    assert Rates().patience == MOST
    assert rates.patience == MANY * 1.0
    quick = Rates()
    quick(_tried("main", 1.0))
    assert quick.patience == LEAST
    for _ in range(40):
        quick(_tried("main", 1.0, run=20.0))
    assert quick.patience == MOST
