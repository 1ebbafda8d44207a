"""What measures the programs of a kind of machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target

Result = TypeVar("Result")

Writer = Callable[[Any, Path], None]
"""Writes a kernel to a file."""


class Usual:
    """What most devices answer alike, to inherit from."""

    offloads: bool = False

    def require(self, target: Target) -> None:
        """Nothing."""

    def within(self, work: Callable[[], Result]) -> Result:
        """On the caller's thread."""
        return work()

    def facts(self, kernel: Any) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def left(self, kernel: Any) -> Sequence[str]:
        """Nothing."""
        return ()

    def writer(self) -> Writer | None:
        """None: a kernel is no file of its own."""
        return None


class Device(Protocol):
    """Builds, runs, calls and times programs of a machine."""

    @property
    def estimates(self) -> bool:
        """Whether its seconds are those of a model, without noise."""

    @property
    def offloads(self) -> bool:
        """Whether it takes the products of a model, and leaves the rest of it to this CPU."""

    def require(self, target: Target) -> None:
        """Raise `TargetError` where what is compiled for a target cannot run here."""

    def builder(self) -> Any:
        """A MetaSchedule builder with a ``close()``."""

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """A MetaSchedule runner.

        in_model: whether programs are to find in the caches what they would in a model.
        """

    def compile(self, mod: IRModule, target: Target) -> Any:
        """Compile a module; what comes out has its functions by name, as ``kernel["main"]``."""

    def within(self, work: Callable[[], Result]) -> Result:
        """What a function returns, called in the surroundings in which kernels are to run."""

    def call(self, function: Any, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """What the arguments of a compiled function hold after a call with these."""

    def seconds(self, kernel: Any, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """What calls of "main" take, one value for each repeat."""

    def facts(self, kernel: Any) -> Mapping[str, str]:
        """What else is known of a kernel, by name, for a report."""

    def left(self, kernel: Any) -> Sequence[str]:
        """The blocks of a kernel that this CPU computes around those of the machine, by name."""

    def writer(self) -> Writer | None:
        """What writes a kernel to a file in the machine's own encoding; None where it has none."""

    def peak(self, a_dtype: str) -> float | None:
        """The most GOP/s that any kernel on operands of a type can reach, measured now.

        None where nothing tells.
        """
