"""The file of a work directory's events: a line each, in the file before anything else begins.

A line is one write, which a killed process has done or has not. Where a disk ran full in the
middle, the next run takes the broken end off, so that the file is JSON lines at all times.
"""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict
from pathlib import Path
from time import time
from uuid import uuid4

from heron_ms.database.files import FULL, reason, unwritable
from heron_ms.events.kinds import VERSION, Event

NAME = "events.jsonl"


class EventFile:
    """A listener that appends to the file of a work directory, as a run of its own.

    Raises `WorkDirError` where the file cannot be written.
    """

    def __init__(self, work_dir: Path) -> None:
        self.path = work_dir / NAME
        self.run = uuid4().hex[:12]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _mend(self.path)
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise unwritable(self.path, reason(error)) from error

    def __call__(self, event: Event) -> None:
        """Write an event. Raises `WorkDirError`."""
        head = {"version": VERSION, "event": event.kind, "run": self.run, "time": time()}
        line = json.dumps({**head, **asdict(event)}, allow_nan=False) + "\n"
        try:
            written = os.write(self._file, line.encode())
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
            raise unwritable(self.path, FULL if full else reason(error)) from error
        if written < len(line.encode()):
            raise unwritable(self.path, FULL)

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)


def _mend(path: Path) -> None:
    """Take off what was not written to its end."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        text = file.read()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            file.truncate(whole)
