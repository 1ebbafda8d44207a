"""How long a compiled model takes, and which of its functions take that time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from numpy.typing import NDArray

from heron_ms.models.library import Library
from heron_ms.models.prepack import PREPACKED
from heron_ms.models.reference import flat

WARM_UP = 3
"""Calls before any that counts."""
CALLS = 10
"""Calls of which the shares of the layers are medians."""

Arrays = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Layer:
    """What all calls of a function take in a call of the model, in seconds."""

    name: str
    calls: int
    seconds: float


def outputs(library: Library, arrays: Arrays) -> list[NDArray[Any]]:
    """What a library computes."""
    return flat(library.machine()["main"](*_tensors(arrays)))


def latency(library: Library, arrays: Arrays, repeats: int) -> list[float]:
    """Seconds of each of so many calls, after some that do not count."""
    main, tensors = library.machine()["main"], _tensors(arrays)
    times = []
    for _ in range(WARM_UP + repeats):
        begun = perf_counter()
        main(*tensors)
        times.append(perf_counter() - begun)
    return times[WARM_UP:]


def profile(library: Library, arrays: Arrays) -> list[Layer]:
    """What each function takes, the longest first; the virtual machine's own are left out."""
    machine, tensors = library.machine(), _tensors(arrays)
    clock = _Clock(set(library.about.layers))
    machine.set_instrument(clock)
    for _ in range(WARM_UP + CALLS):
        clock.rounds.append(defaultdict(list))
        machine["main"](*tensors)
    rounds = clock.rounds[WARM_UP:]
    found = [
        Layer(name, len(calls), median(sum(seconds[name]) for seconds in rounds))
        for name, calls in rounds[0].items()
    ]
    return sorted(found, key=lambda layer: -layer.seconds)


class _Clock:
    """What the virtual machine calls before and after each function."""

    def __init__(self, names: set[str]) -> None:
        self.rounds: list[dict[str, list[float]]] = []
        self._names = names
        self._begun = 0.0

    def __call__(self, func: Any, name: str, before: bool, returned: Any, *args: Any) -> None:
        name = name.removesuffix(PREPACKED)
        if name not in self._names:
            return
        if before:
            self._begun = perf_counter()
        else:
            self.rounds[-1][name].append(perf_counter() - self._begun)


def _tensors(arrays: Arrays) -> list[Any]:
    import tvm

    return [tvm.runtime.tensor(array) for array in arrays]
