"""The CGA as published, and the paper's CGA-1, which differs in its key variables alone."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from heron_ms.cost_model import VariableModel
from heron_ms.presets import PRESETS, Preset
from heron_ms.search.cga import ConstrainedGenetic


class Published(ConstrainedGenetic):
    """The CGA with the paper's hyper-parameters and cost model, whatever the default has become."""

    settings: ClassVar[Preset] = PRESETS["paper"]

    def __init__(self) -> None:
        super().__init__(self.settings, VariableModel)

    def clone(self) -> Published:
        """Another."""
        return type(self)()


class RandomKeys(Published):
    """CGA-1: children inherit variables drawn anew each round, not the important ones."""

    settings = replace(PRESETS["paper"], keys="random")
