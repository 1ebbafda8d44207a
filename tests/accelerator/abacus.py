"""An accelerator outside of the package: all that it takes to tune for a machine of one's own.

`register` adds its four parts: what it is (this file and ``abacus.toml``), its space rules
(``space_rule.py``), what it asks for (``c6.py``), and who measures, a device that estimates. Its
intrinsic is in ``intrinsic.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from heron_ms.constraints.c6_dla import ASKS
from heron_ms.hardware import add, host
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.catalogue import KINDS
from heron_ms.interstellar.device import AnalyticDevice
from heron_ms.intrinsics import register as register_intrinsic
from heron_ms.measure.devices import DEVICES
from heron_ms.space_generators.platforms import PLATFORMS, Platform
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.s1_tensorize import tensorize
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.s3_multi_scope import accumulate
from heron_ms.space_generators.rules.tiling import tile
from tests.accelerator.c6 import ABACUS
from tests.accelerator.intrinsic import multiply
from tests.accelerator.space_rule import burst

KIND = "abacus"


class Abacus(Accelerator):
    """The machine; programs for it are compiled, for their results, for this CPU."""

    kind: ClassVar[str] = KIND

    def target(self) -> dict[str, Any]:
        """This CPU, with the name of the machine as its model."""
        return {**host().target(1), "model": self.name}

    def here(self) -> str | None:
        """None: what it takes is estimated, which can be done anywhere."""
        return None


def register() -> Abacus:
    """Make the machine known."""
    KINDS[KIND] = Abacus
    PLATFORMS[KIND] = Platform((tensorize, tile, accumulate, attach, burst, finish))
    ASKS[KIND] = ABACUS
    DEVICES[KIND] = AnalyticDevice
    register_intrinsic(multiply())
    machine = add(Path(__file__).with_name("abacus.toml"))
    assert isinstance(machine, Abacus)
    return machine
