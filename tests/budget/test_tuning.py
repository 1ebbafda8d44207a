"""Runs of `tune_tir` that a budget or a goal ends, ours and MetaSchedule's own search."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import pytest

from heron_ms._tvm import IRModule, derived_object, ms
from heron_ms.budget.pace import FIRST
from heron_ms.errors import BudgetError, TrialsError
from heron_ms.events.reading import of_kind, read_events
from heron_ms.measure.devices import device_for
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.testing.small_runs import CASES, target
from heron_ms.tune import tune_tir

PAUSE = 0.05


class _Slow(ms.runner.PyRunner):  # type: ignore[misc]
    def run(self, runner_inputs: list[Any]) -> list[Any]:
        sleep(PAUSE)
        return list(PlantedRunner().run(runner_inputs))


def _tune(folder: Path, seconds: Any = lambda _: 1e-3, case: int = 0, **more: Any) -> list[Any]:
    tune_tir(
        CASES[case].prim_func(),
        target(),
        str(folder),
        more.pop("trials", None),
        builder=PlantedBuilder(seconds),
        runner=derived_object(_Slow)(),
        num_tuning_cores=1,
        seed=1,
        **more,
    )
    return read_events(folder)


@pytest.mark.parametrize("own", [False, True])
def test_the_time_is_kept(tmp_path: Path, own: bool) -> None:
    _tune(tmp_path / "warm", trials=1)  # what is imported once is none of the search's
    how = {"strategy": ms.search_strategy.ReplayTrace(), "space": "post-order-apply"} if own else {}
    begun = perf_counter()
    rows = _tune(tmp_path, budget=6.0, **how)
    # A planted program takes no time to measure again, for which some was kept; and of so little
    # time, what it takes to start on a busy machine is a large part.
    assert 2 < perf_counter() - begun < 7.2
    [run], [end] = of_kind(rows, "run"), of_kind(rows, "end")
    assert (run["budget_seconds"], run["trials"], end["how"]) == (6.0, None, "finished")
    assert len(list(of_kind(rows, "candidate"))) >= FIRST
    assert bool(list(of_kind(rows, "sketch")))


def test_a_goal_is_reached_and_stays_reached(tmp_path: Path) -> None:
    peak = device_for(target()).peak("uint8")
    if peak is None:
        pytest.skip("no peak of bytes is known on this CPU")
    # More than can be: the peak is measured anew, and may be twice as high in a quiet moment.
    fast = CASES[0].operations / (peak * 4) / 1e9
    tried: list[int] = []

    def seconds(_: IRModule) -> float:
        tried.append(1)
        return fast if len(tried) == 12 else 100 * fast

    rows = _tune(tmp_path, seconds, until=0.5, trials=200)
    assert 12 <= len(list(of_kind(rows, "candidate"))) < 200
    again = _tune(tmp_path, seconds, until=0.5, trials=200)
    assert len(list(of_kind(again, "candidate"))) == len(list(of_kind(rows, "candidate")))


def test_arguments_that_make_no_budget(tmp_path: Path) -> None:
    with pytest.raises(TrialsError):
        _tune(tmp_path)
    with pytest.raises(BudgetError, match="seconds above 0"):
        _tune(tmp_path, budget=0)
    with pytest.raises(BudgetError, match="at most 1"):
        _tune(tmp_path, until=95)
