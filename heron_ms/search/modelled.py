"""What explorations with a learned model share, so that only how they explore differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.cost_model import CostModel, ModelFactory, VariableModel
from heron_ms.hardware import Machine
from heron_ms.presets import Preset, preset_of
from heron_ms.search.explorer import Explorer
from heron_ms.search.search_space import Individual, SearchSpace

Self = TypeVar("Self", bound="Modelled")


class Modelled(Explorer):
    """An explorer with a cost model, trained after each batch; a leaf implements `propose`.

    ``preset`` is one of `PRESETS` by name, or hyper-parameters. ``model`` makes the cost model of a
    space: `partial(OnlineModel, transfer=...)` starts from what other tasks taught,
    `partial(TransferredModel, transfer=...)` learns nothing more. Raises ValueError for an unknown
    preset.
    """

    model: CostModel

    def __init__(
        self, preset: str | Preset = "default", model: ModelFactory = VariableModel
    ) -> None:
        super().__init__()
        self.preset = preset_of(preset)
        self.make_model = model

    def clone(self: Self) -> Self:
        """With the same preset, and models made in the same way."""
        return type(self)(self.preset, self.make_model)

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """With a model that was told nothing."""
        super().begin(space, rng, machine)
        self.model = self.make_model(space.sketches, int(rng.integers(2**31)))
        self._scores: dict[tuple[int, bytes], float] = {}

    @property
    def batch(self) -> int:
        """As the preset says."""
        return self.preset.batch

    def learn(self) -> None:
        """Train the model on all that was measured, failures included."""
        measured = list(self.measured.values())
        seconds = np.array([took for _, took in measured])
        self.model.train([individual for individual, _ in measured], seconds)
        self._scores.clear()

    def importance(self) -> dict[str, float]:
        """As the model says."""
        return self.model.importance()

    def score(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """The model's predictions, float64 [individuals]; higher is faster."""
        # Who survives a generation is asked for several times.
        named = [(individual.key, individual) for individual in individuals]
        fresh = {key: individual for key, individual in named if key not in self._scores}
        if fresh:
            predicted = self.model.predict(list(fresh.values())).tolist()
            self._scores.update(zip(fresh, predicted, strict=True))
        return np.array([self._scores[key] for key, _ in named])
