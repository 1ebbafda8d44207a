"""All search strategies by name: the CGA and its rivals.

What a strategy is made of loads when it is made, so that a list of them costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
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

    ``summary`` is one line; ``home`` is a module of `heron_ms.search` and its explorer's class;
    ``graded`` says whether presets of effort and cost models mean something to it.
    """

    name: str
    summary: str
    home: str
    graded: bool = True

    def explorer(
        self, preset: str | Preset = "default", model: ModelFactory | None = None
    ) -> Explorer:
        """The exploration alone, without TVM; ``model`` is the strategy's own where it is None.

        Raises ValueError for an unknown preset.
        """
        module, kind = self.home.split(":")
        make: Any = getattr(import_module(f"heron_ms.search.{module}"), kind)
        settings = ([preset] if model is None else [preset, model]) if self.graded else []
        explorer: Explorer = make(*settings)
        return explorer

    def __call__(self, preset: str | Preset = "default", model: ModelFactory | None = None) -> Any:
        """A search strategy for `heron_ms.tune_tir` and `ms.tune_tir`."""
        return import_module("heron_ms.search").ConstrainedSearch(self.explorer(preset, model))


_ALL = (
    Strategy("cga", "Heron's constrained genetic algorithm", "cga:ConstrainedGenetic"),
    Strategy("random", "uniformly random solutions", "rivals:UniformRandom", graded=False),
    Strategy("annealing", "simulated annealing on the learned model", "rivals:Annealing"),
    Strategy(
        "ga-stochastic-ranking",
        "a genetic algorithm that ranks by violations too (GA-1)",
        "rivals:StochasticRanking",
    ),
    Strategy(
        "ga-sat-decoder",
        "a genetic algorithm decoded by the solver (GA-2)",
        "rivals:SatDecoder",
    ),
    Strategy(
        "ga-infeasibility",
        "a genetic algorithm that keeps infeasible parents (GA-3)",
        "rivals:InfeasibilityDriven",
    ),
    Strategy("cga-published", "the CGA as published", "rivals:Published", graded=False),
    Strategy(
        "cga-random-keys",
        "the published CGA with random key variables (CGA-1)",
        "rivals:RandomKeys",
        graded=False,
    ),
    Strategy(
        "walk-q",
        "FlexTensor's walk, a Q-network choosing directions",
        "rivals:QDirections",
        graded=False,
    ),
    Strategy("walk-all", "FlexTensor's walk, all directions", "rivals:AllDirections", graded=False),
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
