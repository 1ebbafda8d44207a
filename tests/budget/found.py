"""A task of a run, as the events tell of it."""

from __future__ import annotations

from heron_ms.events.kinds import TaskFound


def found(task: str, workload: str) -> TaskFound:
    """With nothing known of it but its names."""
    return TaskFound(
        task=task,
        workload=workload,
        calls=1,
        operations=1,
        bytes=1,
        dtype="int8",
        intrinsic=None,
        mapping=None,
        why=None,
    )
