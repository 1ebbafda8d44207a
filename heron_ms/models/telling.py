"""The events of the tasks of a run: what each computes, and by which intrinsic or why by none."""

from __future__ import annotations

from collections.abc import Iterable

from heron_ms._tvm import IRModule, Target
from heron_ms.events.bus import is_heard, tell
from heron_ms.events.kinds import TaskFound
from heron_ms.hardware import for_target
from heron_ms.measure.telling import workload_id
from heron_ms.models.tasks import Task
from heron_ms.space_generators.plan import tilings


def tell_tasks(modules: Iterable[tuple[str, IRModule, int]], target: Target) -> None:
    """Tell of tasks: of each the name, a module with its one function, and how often it is called.

    One that cannot be read, such as one of a dynamic shape, is told of when it is left as it is.
    """
    if not is_heard():
        return
    machine = for_target(target)
    for name, mod, calls in modules:
        tell(_found(Task(name, mod, calls, tuple(tilings(mod, machine)))))


def _found(task: Task) -> TaskFound:
    mapping = task.mapping
    return TaskFound(
        task=task.name,
        workload=workload_id(task.mod),
        calls=task.calls,
        operations=task.operations // task.calls,
        bytes=task.bytes,
        dtype=task.dtype,
        intrinsic=None if mapping is None else str(mapping.intrinsic.name),
        mapping=None if mapping is None else str(mapping).partition(": ")[2],
        why=task.way if mapping is None else None,
    )
