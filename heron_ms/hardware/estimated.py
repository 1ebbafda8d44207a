"""Machines that need not be here: what they take is a model's, and their target is this CPU's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms.hardware.cpu.host import host
from heron_ms.hardware.description import Machine


@dataclass(frozen=True, kw_only=True)
class EstimatedMachine(Machine):
    """A machine that is compiled for, and estimated, anywhere."""

    def target(self) -> dict[str, Any]:
        """This CPU, which does what is the host's, with the name of the machine as its model."""
        return {**host().target(1), "model": self.name}

    def here(self) -> str | None:
        """None: an estimate can be made anywhere."""
        return None
