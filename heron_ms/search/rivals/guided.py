"""What the rivals with a learned model share with the CGA, so that only their exploration differs.

The same model on the same data, as many individuals a round, the same epsilon-greedy choice of what
is measured. While nothing was measured, or all of it failed, random solutions are (RandSAT).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.cost_model import LearnedModel
from heron_ms.hardware import Machine
from heron_ms.search.explorer import distinct
from heron_ms.search.presets import Preset, preset_of
from heron_ms.search.rivals.sampling import Sampling
from heron_ms.search.selection import epsilon_greedy
from heron_ms.search.space import Individual, SearchSpace


class Guided(Sampling):
    """An exploration by a learned model; a leaf implements `explore`.

    Of ``preset`` it takes what the CGA has in common with it: sizes of batch and population,
    generations, and the greedy share. Raises ValueError for an unknown preset.
    """

    def __init__(self, preset: str | Preset = "default") -> None:
        super().__init__()
        self.preset = preset_of(preset)
        self.model = LearnedModel([], 0)

    def clone(self) -> Guided:
        """With the same preset."""
        return type(self)(self.preset)

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Without a model."""
        super().begin(space, rng, machine)
        self.model = LearnedModel([], 0)

    @property
    def batch(self) -> int:
        """As the preset says."""
        return self.preset.batch

    def explore(self) -> list[Individual]:
        """The solutions that a round comes by, of which some are measured."""
        raise NotImplementedError

    def learn(self) -> None:
        """Train the model on all that was measured, failures included."""
        measured = list(self.measured.values())
        self.model = LearnedModel(self.space.features.names, int(self.rng.integers(2**31)))
        features = self.space.matrix([each for each, _ in measured])
        self.model.train(features, np.array([seconds for _, seconds in measured]))

    def propose(self, n: int) -> list[Individual]:
        """An epsilon-greedy choice of what a round came by and has not been asked for."""
        sampled = self.untried(n)
        if not self.model.is_trained:
            return sampled
        fresh = distinct([*(each for each in self.explore() if self.is_new(each)), *sampled])
        if not fresh:
            return []
        chosen = epsilon_greedy(self.score(fresh), n, self.preset.greedy, self.rng)
        return [fresh[p] for p in chosen]

    def score(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """The model's predictions, float64 [individuals]; higher is faster."""
        return self.model.predict(self.space.matrix(individuals))
