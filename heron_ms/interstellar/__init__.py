"""Machines that cannot be measured: Interstellar's model as objective, runner and explorer.

A machine (`Accelerator`), a layer and a mapping have a `Cost` (`evaluate`); `best_blocking` finds
the mapping of least energy, `explore` that of every dataflow, `sweep_memories` that of every size
of the memories. `heron_ms.interstellar.tir` evaluates scheduled TensorIR by the same model, and
`heron_ms.interstellar.measure` tunes by it. See docs/interstellar.md.
"""

from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator, Array
from heron_ms.hardware.memory import Memory
from heron_ms.hardware.presets import known_accelerators, preset
from heron_ms.interstellar.nest.cost import Cost, LevelCost
from heron_ms.interstellar.nest.evaluate import evaluate, evaluate_copies
from heron_ms.interstellar.nest.layer import Layer
from heron_ms.interstellar.nest.mapping import Factor, Mapping
from heron_ms.interstellar.optimise.blocking import Best, best_blocking
from heron_ms.interstellar.optimise.dataflows import Dataflow, explore
from heron_ms.interstellar.optimise.sweep import Sweep, SweepPoint, sweep_memories
from heron_ms.interstellar.published.hints import Hints

__all__ = [
    "Accelerator",
    "Array",
    "Best",
    "Cost",
    "Dataflow",
    "Factor",
    "Hints",
    "Layer",
    "LevelCost",
    "Mapping",
    "Memory",
    "ModelError",
    "Sweep",
    "SweepPoint",
    "best_blocking",
    "evaluate",
    "evaluate_copies",
    "explore",
    "known_accelerators",
    "preset",
    "sweep_memories",
]
