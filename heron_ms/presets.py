"""The hyper-parameters of the constrained genetic algorithm, as frozen presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Preset:
    """Hyper-parameters of the CGA (Heron's exploration).

    ``batch`` candidates are measured a round; ``population`` individuals evolve for
    ``generations``; ``parents`` survive by roulette and ``elites`` unconditionally; ``key_share``
    of the variables are exchanged by crossover, by ``keys`` those that the model finds the most
    important (as published) or others in each round. ``greedy`` of a batch are the best predicted.
    ``prior_share`` of a batch are the best by the analytic model while nothing is measured (0 in
    the paper). ``polish`` of a batch are neighbours of the ``incumbents`` fastest programs (none in
    the paper).
    """

    batch: int = 16
    population: int = 256
    generations: int = 4
    parents: int = 48
    elites: int = 24
    measured: int = 32
    key_share: float = 0.3
    keys: Literal["important", "random"] = "random"
    greedy: float = 0.75
    prior_share: float = 1.0
    polish: float = 0.25
    incumbents: int = 2


PRESETS: dict[str, Preset] = {
    "quick": Preset(batch=16, population=128, generations=3, parents=32, elites=16),
    "default": Preset(),
    "transferred": Preset(batch=8),
    "paper": Preset(
        batch=32,
        population=200,
        generations=5,
        parents=32,
        elites=20,
        measured=32,
        key_share=0.14,
        keys="important",
        greedy=0.6,
        prior_share=0.0,
        polish=0.0,
    ),
}
"""``paper`` is as published; ``default`` is what wins here; ``quick`` is for tens of trials.

``transferred`` is for a model of other tasks: it is good from the start, and corrected more often.
"""


def preset_of(name: str | Preset) -> Preset:
    """A preset by its name. Raises ValueError, naming those there are, for any other name."""
    if isinstance(name, Preset):
        return name
    if name not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {name!r}")
    return PRESETS[name]
