"""The registry of strategies, and what makes a MetaSchedule strategy of each."""

from __future__ import annotations

import subprocess
import sys

import pytest

from heron_ms.errors import UnknownStrategyError
from heron_ms.presets import PRESETS
from heron_ms.strategies import STRATEGIES, Strategy, strategy_of

NAMES = [
    "cga",
    "random",
    "annealing",
    "ga-stochastic-ranking",
    "ga-sat-decoder",
    "ga-infeasibility",
    "cga-published",
    "cga-random-keys",
    "walk-q",
    "walk-all",
]


def test_they_are_named_and_described() -> None:
    assert list(STRATEGIES) == NAMES
    assert len({strategy.summary for strategy in STRATEGIES.values()}) == len(NAMES)
    assert all(strategy.name == name for name, strategy in STRATEGIES.items())
    assert all(
        "\n" not in strategy.summary and len(strategy.summary) < 70
        for strategy in STRATEGIES.values()
    )


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=lambda strategy: strategy.name)
def test_each_makes_its_explorer(strategy: Strategy) -> None:
    explorer = strategy.explorer("quick")
    assert type(explorer.clone()) is type(explorer)
    assert getattr(explorer, "preset", None) == getattr(explorer.clone(), "preset", None)
    if strategy.graded:
        assert explorer.preset == PRESETS["quick"]  # type: ignore[attr-defined]


def test_an_unknown_name_is_one_line_with_the_known_ones() -> None:
    with pytest.raises(UnknownStrategyError, match="'tabu'.*cga, random, annealing"):
        strategy_of("tabu")


def test_a_list_of_them_loads_no_model() -> None:
    program = "import sys, heron_ms.strategies; print('xgboost' in sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.strip() == "False"


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueError, match="preset"):
        STRATEGIES["annealing"]("fastest")


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=lambda strategy: strategy.name)
def test_each_makes_a_search_of_its_explorer(strategy: Strategy) -> None:
    assert type(strategy().explorer) is type(strategy.explorer())
