"""The CGA's rivals, each a MetaSchedule search strategy (Figures 12 and 13; FlexTensor).

They work on the same constraint problems, with the paper's cost model unless they are given
another.
``heron_ms.strategies.STRATEGIES`` names them all.
"""

from __future__ import annotations

from typing import Any, Literal

from heron_ms.presets import Preset
from heron_ms.search.base import ConstrainedSearch
from heron_ms.search.rivals.annealing import Annealing
from heron_ms.search.rivals.genetic import Genetic
from heron_ms.search.rivals.infeasibility import InfeasibilityDriven
from heron_ms.search.rivals.published import Published, RandomKeys
from heron_ms.search.rivals.random import UniformRandom
from heron_ms.search.rivals.sat_decoder import SatDecoder
from heron_ms.search.rivals.stochastic_ranking import StochasticRanking
from heron_ms.search.rivals.walk import AllDirections
from heron_ms.search.rivals.walk_q import QDirections

__all__ = [
    "AllDirections",
    "Annealing",
    "Genetic",
    "GeneticSearch",
    "InfeasibilityDriven",
    "NeighbourWalk",
    "Published",
    "QDirections",
    "RandomKeys",
    "RandomSearch",
    "SatDecoder",
    "SimulatedAnnealing",
    "StochasticRanking",
    "UniformRandom",
]

Handling = Literal["stochastic-ranking", "sat-decoder", "infeasibility-driven"]

_HANDLINGS: dict[str, type[Genetic]] = {
    "stochastic-ranking": StochasticRanking,
    "sat-decoder": SatDecoder,
    "infeasibility-driven": InfeasibilityDriven,
}
_DIRECTIONS: dict[str, type[AllDirections]] = {"q": QDirections, "all": AllDirections}


def RandomSearch() -> Any:  # noqa: N802
    """CRAND: uniformly random solutions, nothing learned."""
    return ConstrainedSearch(UniformRandom())


def SimulatedAnnealing(preset: str | Preset = "default") -> Any:  # noqa: N802
    """CSA: annealing over the CSP on the learned model. Raises ValueError for an unknown preset."""
    return ConstrainedSearch(Annealing(preset))


def GeneticSearch(  # noqa: N802
    handling: Handling = "stochastic-ranking", preset: str | Preset = "default"
) -> Any:
    """A genetic algorithm on plain decisions: the paper's GA-1, GA-2 and GA-3, by its handling.

    Raises ValueError for an unknown handling or preset.
    """
    return ConstrainedSearch(_known("handling", handling, _HANDLINGS)(preset))


def NeighbourWalk(direction: Literal["q", "all"] = "q") -> Any:  # noqa: N802
    """FlexTensor's exploration: the Q-method, or all directions (its P-method).

    Raises ValueError for an unknown direction.
    """
    return ConstrainedSearch(_known("direction", direction, _DIRECTIONS)())


def _known(what: str, name: str, choices: dict[str, Any]) -> Any:
    if name not in choices:
        raise ValueError(f"{what} must be one of {', '.join(choices)}, got {name!r}")
    return choices[name]
