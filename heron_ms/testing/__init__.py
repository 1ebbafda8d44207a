"""Checks of what the constraints promise, for the tests and for the benchmark `soundness`."""

from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.testing.soundness import STEPS, Checker, Report, spread

__all__ = ["STEPS", "Checker", "PlantedBuilder", "PlantedRunner", "Report", "spread"]
