"""What the benchmark of speed asks of PyTorch, with TVM's tensors on the stand-in's GPU in it.

There is no stream, and a graph replays nothing: what is captured is called at once.
"""

from __future__ import annotations

from contextlib import nullcontext
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import tvm
from numpy.typing import NDArray


class Tensor:
    """An array of numpy's, or a tensor of TVM's on the GPU."""

    def __init__(self, held: Any) -> None:
        self._held = held

    def cuda(self) -> Tensor:
        """A copy on the GPU."""
        return Tensor(tvm.runtime.tensor(self._held, tvm.cuda()))

    def cpu(self) -> Tensor:
        """A copy that is not."""
        return Tensor(self._held.numpy())

    def numpy(self) -> NDArray[Any]:
        """The array."""
        return self._held  # type: ignore[no-any-return]

    def __dlpack__(self, **options: Any) -> Any:
        return self._held.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._held.__dlpack_device__()


class Graph:
    """A graph of launches."""

    def replay(self) -> None:
        """Nothing."""


class Event:
    """A point in time."""

    def __init__(self, enable_timing: bool) -> None:
        assert enable_timing
        self._at = 0.0

    def record(self) -> None:
        """Now."""
        self._at = perf_counter()

    def synchronize(self) -> None:
        """It is over at once."""

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds."""
        return (end._at - self._at) * 1e3


from_numpy = Tensor
cuda = SimpleNamespace(
    CUDAGraph=Graph,
    Event=Event,
    Stream=lambda: None,
    graph=nullcontext,
    stream=nullcontext,
    synchronize=lambda: None,
)
