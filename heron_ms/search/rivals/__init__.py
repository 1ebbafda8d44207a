"""What the CGA is compared with (Figures 12 and 13; FlexTensor), each an explorer.

They work on the same constraint problems, with the paper's cost model unless they are given
another. `heron_ms.strategies.STRATEGIES` names them all, and makes MetaSchedule strategies of them.
"""

from heron_ms.search.rivals.annealing import Annealing
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
    "InfeasibilityDriven",
    "Published",
    "QDirections",
    "RandomKeys",
    "SatDecoder",
    "StochasticRanking",
    "UniformRandom",
]
