"""A model from the file that a user named, and its tasks; what is being done is told."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from heron_ms.cli.terminal.patience import working
from heron_ms.hardware import Machine
from heron_ms.models.allowances import BF16
from heron_ms.models.load import load
from heron_ms.models.model import Model
from heron_ms.models.narrowed import multiplies_bfloat16
from heron_ms.models.tasks import Task, tasks_of


def imported(source: Path, shapes: Mapping[str, Sequence[int]], allow: Sequence[str] = ()) -> Model:
    """The model of a file. Raises what `load` raises."""
    with working(f"importing {source.name}"):
        return load(source, shapes, allow)


def imported_for(
    machine: Machine, source: Path, shapes: Mapping[str, Sequence[int]], allow: Sequence[str]
) -> Model:
    """The model of a file as a machine gets it, with what is allowed and of use there."""
    return imported(source, shapes, _useful(allow, machine)).on(machine)


def _useful(allow: Sequence[str], machine: Machine) -> tuple[str, ...]:
    """What is allowed and of use on a machine; a line says what is not."""
    if BF16 in allow and not multiplies_bfloat16(machine):
        words = f"--allow bf16: {machine.name} has no instruction for it, products stay in float32"
        print(f"heron-ms: {words}", file=sys.stderr)
        return ()
    return tuple(allow)


def tasks_found(model: Model, machine: Machine) -> list[Task]:
    """The tasks of a model, the most work first."""
    with working(f"fusing the operators of {model.source} into tasks"):
        return tasks_of(model.fused, machine)


def counted(tasks: Sequence[Task]) -> str:
    """How many tasks there are, in words."""
    mapped = sum(task.mapping is not None for task in tasks)
    return f"{len(tasks)} ({mapped} mapped to an intrinsic)"
