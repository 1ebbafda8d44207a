"""The tasks of a model: its fused functions, equal ones once, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

from heron_ms._tvm import IRModule, PrimFunc, Target, constant, itemsize, ms, operations, tensors_of
from heron_ms.hardware import Machine
from heron_ms.space_generators.plan import Tiled, tilings
from heron_ms.space_generators.windows import Window
from heron_ms.tensorize import Mapping, NoMatch


@dataclass(frozen=True)
class Task:
    """A function that a model calls ``calls`` times; ``blocks``: what each of it is tiled as."""

    name: str
    mod: IRModule
    calls: int
    blocks: tuple[Tiled | NoMatch, ...]

    @property
    def func(self) -> PrimFunc:
        """The function itself."""
        [(_, func)] = self.mod.functions_items()
        return func

    @cached_property
    def operations(self) -> int:
        """Arithmetic operations of all its calls, as MetaSchedule estimates them."""
        return self.calls * operations(self.mod)

    @cached_property
    def bytes(self) -> int:
        """What its arguments of constant shape take in memory."""
        return sum(
            itemsize(tensor) * prod(constant(size) or 0 for size in tensor.shape)
            for tensor in tensors_of(self.func)
        )

    @property
    def dtype(self) -> str:
        """Of its first argument, "" without one."""
        return next((str(tensor.dtype) for tensor in tensors_of(self.func)), "")

    @property
    def mapping(self) -> Mapping | None:
        """The mapping of its first block that has one."""
        return next((block for block in self.blocks if isinstance(block, Mapping)), None)

    @property
    def way(self) -> str:
        """By which intrinsic it is computed, or how or why by none; a few words."""
        if self.mapping is not None:
            return str(self.mapping.intrinsic.name)
        window = next((block for block in self.blocks if isinstance(block, Window)), None)
        if window is not None:
            return str(window).partition(": ")[2]
        refused = [block for block in self.blocks if isinstance(block, NoMatch)]
        # What is no product at all says less than a product that nothing takes.
        telling = [block for block in refused if block.reason.name != "NO_EINSUM"]
        first = next(iter(telling or refused), None)
        return "no blocks" if first is None else f"{first.reason.value} ({first.detail})"


def tasks_of(fused: IRModule, machine: Machine) -> list[Task]:
    """The tasks of a module that `prepared` returned, the most work first."""
    target = Target(machine.target())
    found = [
        Task(
            str(task.task_name),
            task.dispatched[0],
            int(task.weight),
            tuple(tilings(task.dispatched[0], machine)),
        )
        for task in ms.relax_integration.extract_tasks(fused, target, {})
    ]
    return sorted(found, key=lambda task: -task.operations)


def maps(mod: IRModule, machine: Machine) -> bool:
    """Whether an intrinsic of a machine computes some block of a task."""
    return any(isinstance(block, Mapping) for block in tilings(mod, machine))


def functions_of(fused: IRModule) -> Iterator[tuple[str, PrimFunc]]:
    """The TensorIR functions of a module that `prepared` returned, by the names they keep."""
    for var, func in fused.functions_items():
        if isinstance(func, PrimFunc):
            yield str(var.name_hint), func
