"""A compiled model on a server of an RPC tracker: what it computes there, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tvm
from numpy.typing import NDArray

from heron_ms._tvm import Target, relax
from heron_ms.measure.servers.device import Servers
from heron_ms.models.reference import flat
from heron_ms.models.timing import WARM_UP

Arrays = Sequence[NDArray[Any]]


class RemoteModel:
    """A model on a server; made of what `compile_relax` returned for the target of the server."""

    def __init__(self, servers: Servers, compiled: Any, target: Target) -> None:
        self._kernel = servers.loaded(compiled, target)
        self._place = self._kernel.session.cpu()
        self._machine = relax.VirtualMachine(self._kernel.module, self._place)

    def outputs(self, arrays: Arrays) -> list[NDArray[Any]]:
        """What the model computes."""
        self._set(arrays)
        self._machine.invoke_stateful("main")
        return flat(self._machine.get_outputs("main"))

    def latency(self, arrays: Arrays, repeats: int) -> list[float]:
        """Seconds of each of so many calls, after some that do not count."""
        self._set(arrays)
        timer = self._machine.time_evaluator(
            "invoke_stateful", self._place, number=1, repeat=WARM_UP + repeats
        )
        return [float(seconds) for seconds in timer("main").results][WARM_UP:]

    def _set(self, arrays: Arrays) -> None:
        # Results of any other kind of call do not come back through RPC.
        self._machine.set_input(
            "main", *(tvm.runtime.tensor(array, self._place) for array in arrays)
        )
