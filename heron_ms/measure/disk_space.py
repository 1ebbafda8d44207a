"""A disk without space fails a build like a bad program does, but it is not the program's fault."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile

from heron_ms.errors import WorkerError

ENOUGH = 2**20
"""Bytes that building and running a program take at most, but for large arguments."""


def blame_the_disk(message: object) -> None:
    """Raise `WorkerError` if what failed with this message did so for want of space."""
    folder = tempfile.gettempdir()
    # Where LLVM meets a full disk it ends the worker, without a message.
    if os.strerror(errno.ENOSPC) in str(message) or shutil.disk_usage(folder).free < ENOUGH:
        raise WorkerError(
            f"no space is left in {folder}, where programs are built: free some, or name another "
            "place in TMPDIR; what was measured before is kept"
        )
