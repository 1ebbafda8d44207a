"""Every strategy keeps the contract that `heron_ms.testing.contract` ships.

The default and the simplest in any case, the others with ``-m slow``.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from heron_ms.search import Preset
from heron_ms.strategies import STRATEGIES
from heron_ms.testing.contract import StrategyContract

SMALL = Preset(batch=8, population=40, generations=2, parents=16, elites=8, prior_share=0.0)


class Small(StrategyContract):
    """A strategy by its name, with little effort."""

    name: ClassVar[str]
    __test__ = False

    def strategy(self) -> Any:
        return STRATEGIES[self.name](SMALL)


class TestConstrainedGenetic(Small):
    name, __test__ = "cga", True


@pytest.mark.slow
class TestPublished(Small):
    name, __test__ = "cga-published", True


@pytest.mark.slow
class TestRandomKeys(Small):
    name, __test__ = "cga-random-keys", True


class TestRandom(Small):
    name, __test__, learns = "random", True, False


@pytest.mark.slow
class TestAnnealing(Small):
    name, __test__ = "annealing", True


@pytest.mark.slow
class TestStochasticRanking(Small):
    name, __test__ = "ga-stochastic-ranking", True


@pytest.mark.slow
class TestSatDecoder(Small):
    name, __test__ = "ga-sat-decoder", True


@pytest.mark.slow
class TestInfeasibilityDriven(Small):
    name, __test__ = "ga-infeasibility", True


@pytest.mark.slow
class TestQDirections(Small):
    name, __test__ = "walk-q", True


@pytest.mark.slow
class TestAllDirections(Small):
    name, __test__ = "walk-all", True


def test_no_strategy_is_left_out() -> None:
    assert {subclass.name for subclass in Small.__subclasses__()} == set(STRATEGIES)
