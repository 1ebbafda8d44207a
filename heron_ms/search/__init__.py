"""Search strategies over the CSPs of a task's sketches, each a MetaSchedule search strategy."""

from heron_ms.presets import PRESETS, Preset
from heron_ms.search.cga import ConstrainedGeneticSearch
from heron_ms.search.explorer import Explorer
from heron_ms.search.strategy import ConstrainedSearch

__all__ = ["PRESETS", "ConstrainedGeneticSearch", "ConstrainedSearch", "Explorer", "Preset"]
