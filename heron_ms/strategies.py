"""All search strategies by name: the CGA and its rivals.

What a strategy is made of loads when it is made, so that a list of them costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from heron_ms.errors import UnknownStrategyError

if TYPE_CHECKING:
    from heron_ms.cost_model import ModelFactory
    from heron_ms.presets import Preset
    from heron_ms.search.explorer import Explorer


@dataclass(frozen=True)
class Strategy:
    """A way to search; calling it makes the strategy for MetaSchedule.

    ``summary`` is one line; ``graded`` says whether presets of effort and cost models mean
    something to it.
    """

    name: str
    summary: str
    graded: bool = True

    def explorer(
        self, preset: str | Preset = "default", model: ModelFactory | None = None
    ) -> Explorer:
        """The exploration alone, without TVM; ``model`` is the strategy's own where it is None.

        Raises ValueError for an unknown preset.
        """
        make = _explorers()[self.name]
        if not self.graded:
            return make()
        return make(preset) if model is None else make(preset, model)

    def __call__(self, preset: str | Preset = "default", model: ModelFactory | None = None) -> Any:
        """A search strategy for `heron_ms.tune_tir` and `ms.tune_tir`."""
        from heron_ms.search import ConstrainedSearch

        return ConstrainedSearch(self.explorer(preset, model))


def _explorers() -> Mapping[str, Callable[..., Explorer]]:
    """What explores for each strategy, by its name."""
    from heron_ms.search import rivals
    from heron_ms.search.cga import ConstrainedGenetic

    return {
        "cga": ConstrainedGenetic,
        "random": rivals.UniformRandom,
        "annealing": rivals.Annealing,
        "ga-stochastic-ranking": rivals.StochasticRanking,
        "ga-sat-decoder": rivals.SatDecoder,
        "ga-infeasibility": rivals.InfeasibilityDriven,
        "cga-published": rivals.Published,
        "cga-random-keys": rivals.RandomKeys,
        "walk-q": rivals.QDirections,
        "walk-all": rivals.AllDirections,
    }


_ALL = (
    Strategy("cga", "Heron's constrained genetic algorithm"),
    Strategy("random", "uniformly random solutions", graded=False),
    Strategy("annealing", "simulated annealing on the learned model"),
    Strategy("ga-stochastic-ranking", "a genetic algorithm that ranks by violations too (GA-1)"),
    Strategy("ga-sat-decoder", "a genetic algorithm decoded by the solver (GA-2)"),
    Strategy("ga-infeasibility", "a genetic algorithm that keeps infeasible parents (GA-3)"),
    Strategy("cga-published", "the CGA as published", graded=False),
    Strategy(
        "cga-random-keys", "the published CGA with random key variables (CGA-1)", graded=False
    ),
    Strategy("walk-q", "FlexTensor's walk, a Q-network choosing directions", graded=False),
    Strategy("walk-all", "FlexTensor's walk, all directions", graded=False),
)

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {strategy.name: strategy for strategy in _ALL}
)
"""Every strategy by its name, the default first."""


def strategy_of(name: str) -> Strategy:
    """A strategy by its name. Raises `UnknownStrategyError`, naming those there are."""
    if name not in STRATEGIES:
        raise UnknownStrategyError(
            f"unknown strategy {name!r}: choose from {', '.join(STRATEGIES)}"
        )
    return STRATEGIES[name]
