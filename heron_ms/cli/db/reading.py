"""The databases that a command names, and what their targets and tasks are called."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from heron_ms.database.damage import by_file
from heron_ms.errors import NoRecordError, TargetError
from heron_ms.hardware import for_target
from heron_ms.measure.entries import Entry, contents_of

_DIGITS = 8
"""Of the hash of a task, in tables."""


def entries_of(args: argparse.Namespace) -> list[Entry]:
    """All entries of the folders, of one task if that is asked for; what is left out is said.

    Raises `NoRecordError` for a folder without a database, and for a task that is in none.
    """
    contents = contents_of(map(Path, args.folders))
    for folder, damage in contents.damage.items():
        for file, words in by_file(damage).items():
            print(f"heron-ms: {folder / file}: left out: {words}", file=sys.stderr)
    wanted = getattr(args, "task", None) or ""
    entries = [entry for entry in contents.entries if entry.task.startswith(wanted)]
    if wanted and not entries:
        raise NoRecordError(
            f"no task has a hash that begins with {wanted!r}: see `heron-ms db list`"
        )
    return entries


def grouped(entries: Iterable[Entry]) -> dict[tuple[str, str, str], list[Entry]]:
    """The entries by folder, task and target."""
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((str(entry.folder), entry.task, entry.target), []).append(entry)
    return groups


def short(task: str) -> str:
    """The beginning of a hash."""
    return task[:_DIGITS]


def machine_of(target: str) -> str:
    """What a target is, in a few words."""
    try:
        return for_target(json.loads(target)).summary
    except TargetError:
        return str(json.loads(target).get("kind", "?"))
