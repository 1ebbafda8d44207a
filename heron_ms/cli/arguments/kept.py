"""The files of a run in its work directory, which no option may name to write something else."""

from __future__ import annotations

from pathlib import Path

from heron_ms.database.files import DAMAGED, RECORDS, WORKLOADS
from heron_ms.events.file import NAME as EVENTS

SETTINGS = "model.json"
"""What `tune-model` was told of each model of a work directory."""

_MARKS = (WORKLOADS, RECORDS, EVENTS)
"""A directory with one of these is that of a run."""


def is_kept(path: Path) -> bool:
    """Whether a file is one that a run has written and nothing can replace."""
    named = path.name in (*_MARKS, DAMAGED, SETTINGS) and path.exists()
    return named and any((path.parent / mark).exists() for mark in _MARKS)
